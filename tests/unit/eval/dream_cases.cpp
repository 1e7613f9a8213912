// SPDX-License-Identifier: MIT
#include <chromatid/eval/auprc.hpp>
#include <chromatid/eval/auroc.hpp>
#include <chromatid/eval/ranked_labels.hpp>
#include <chromatid/eval/recall_at_fdr.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_CASE(dream_metric_cases, *utf::precondition(shared_data_present)) {
    std::ifstream file(shared_data() / "factornet/goldens/dream_metric_cases.json");
    const nlohmann::json cases = nlohmann::json::parse(file);
    BOOST_TEST(cases.size() == 10U);
    double worst = 0;
    std::size_t fields = 0;
    for (const auto& [name, one] : cases.items()) {
        const auto scores = one.at("s").get<std::vector<float>>();
        const RankedLabels ranked(scores, one.at("y").get<std::vector<std::uint8_t>>());
        const auto check = [&](const char* field, double value) {
            const double difference = std::abs(value - one.at(field).get<double>());
            BOOST_TEST(difference <= 1e-6, name << " " << field << ": " << value << " instead of " << one.at(field));
            worst = std::max(worst, difference);
            ++fields;
        };
        check("auROC", auroc(ranked));
        check("auPRC_davis_goadrich", auprc(ranked, PrInterpolation::davis_goadrich));
        check("auPRC_integral", auprc(ranked, PrInterpolation::davis_goadrich_integral));
        check("auPRC_trapz_sklearn", auprc(ranked, PrInterpolation::trapezoid));
        check("average_precision", auprc(ranked, PrInterpolation::average_precision));
        check("recall_at_5_fdr", recall_at_fdr(ranked, 0.05));
        check("recall_at_10_fdr", recall_at_fdr(ranked, 0.10));
        check("recall_at_25_fdr", recall_at_fdr(ranked, 0.25));
        check("recall_at_50_fdr", recall_at_fdr(ranked, 0.50));
        BOOST_TEST(one.size() == 11U);  // the scores, the labels and the nine fields checked here
    }
    BOOST_TEST_MESSAGE(fields << " fields of 10 cases, largest difference " << worst);
}
