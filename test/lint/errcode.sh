# Every error has an SQLSTATE: without errcode() it would be XX000, "internal error", which nobody can catch.
# shellcheck disable=SC2046
perl -0777 -ne '
    while (/\bereport\s*\(\s*(ERROR|FATAL|PANIC)\b(.*?)\)\s*;/sg) {
        my ($text, $line) = ($2, 1 + (substr($_, 0, $-[0]) =~ tr/\n//));
        $bad = 1, print "$ARGV:$line: ereport($1) without errcode\n" if $text !~ /\berrcode(_for_\w+)?\s*\(|\bwf_\w*errcode/;
    }
    END { exit($bad ? 1 : 0) }' $(find src -name '*.c' -o -name '*.h')
