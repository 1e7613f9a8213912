# SPDX-License-Identifier: MIT
# A MEME file from consensus.tsv: each letter of a consensus shares 0.97 among the bases it stands for, the others share the rest.
BEGIN {
    FS = "\t"
    split("A C G T R Y W S K M N", code, " ")
    split("A C G T AG CT AT CG GT AC ACGT", stands, " ")
    for (i in code) bases[code[i]] = stands[i]
    print "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n"
}
/^#/ { next }
{
    n = length($2)
    printf "MOTIF %s\nletter-probability matrix: alength= 4 w= %d nsites= 100\n", $1, n
    for (i = 1; i <= n; ++i) {
        set = bases[substr($2, i, 1)]
        for (b = 1; b <= 4; ++b) {
            inside = index(set, substr("ACGT", b, 1)) > 0
            share = length(set) == 4 ? 0.25 : (inside ? 0.97 / length(set) : 0.03 / (4 - length(set)))
            printf("%s%.4f", (b > 1 ? " " : ""), share)
        }
        print ""
    }
    print ""
}
