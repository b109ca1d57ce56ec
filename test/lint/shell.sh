# The scripts are clean for shellcheck, where it is installed.  (SC1091, SC2154: it does not follow scripts/common.sh.)
command -v shellcheck > /dev/null || exit 0
# shellcheck disable=SC2046
shellcheck -s bash -S warning -e SC1091,SC2154 \
    $(grep -rlE '^#!.*\b(ba)?sh$' scripts test .ci bench examples 2> /dev/null) test/lint/*.sh
