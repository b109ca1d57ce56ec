# Nothing depends on, or tells of, the machine on which it was written.
! grep -rnIE '/(work|home|Users)/[a-z]|/root/' . \
    --exclude-dir=.git --exclude-dir=build --exclude='*.d' --exclude='machine_paths.sh'
