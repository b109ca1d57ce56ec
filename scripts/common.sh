# Read by the other scripts: where things are, and as whom servers run.
#
# PostgreSQL refuses to run as root.  When root calls, everything that needs a server runs as the user "nobody", from a
# work folder which that user owns: build/work, or, where "nobody" can't get there (a checkout under /root) or the path
# is too long for a Unix socket, a folder under /tmp, remembered in build/work_dir.  Tests run there, in a copy.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PG_CONFIG=${PG_CONFIG:-pg_config}
server_user=nobody

# Runs a command as the user who may run servers: "nobody" when called by root, otherwise the caller.
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        HOME=${work:-/} setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups -- "$@"
    else
        "$@"
    fi
}

make_work_dir() {   # prints a new folder under /tmp, and remembers it
    local dir
    dir=$(mktemp -d "${TMPDIR:-/tmp}/workflow.XXXXXX")
    chmod 755 "$dir"
    printf '%s\n' "$dir" > "$root/build/work_dir"
    printf '%s\n' "$dir"
}

# Sets $work.  A remembered folder counts only if it was made for this checkout (which may be a copy of another).
find_work_dir() {
    mkdir -p "$root/build"
    work=$root/build/work
    if [ -f "$root/build/work_dir" ]; then
        work=$(cat "$root/build/work_dir")
        [ "$(cat "$work/checkout" 2>/dev/null)" = "$root" ] && return
        work=$root/build/work
    fi
    mkdir -p "$work"
    if [ "${#work}" -gt 70 ]; then work=$(make_work_dir); fi
    if [ "$(id -u)" -eq 0 ]; then
        chown "$server_user" "$work"
        if ! (cd / && as_user test -w "$work" 2>/dev/null); then
            work=$(make_work_dir)
            chown "$server_user" "$work"
        fi
    fi
    printf '%s\n' "$root" > "$work/checkout"
}

find_work_dir
export LC_ALL=C.UTF-8
# How long pg_ctl and PostgreSQL's test drivers wait for a server; a slow disk needs more than their minute to recover.
export PGCTLTIMEOUT=${PGCTLTIMEOUT:-300}

# The private copy of PostgreSQL (scripts/build makes it) has the same layout under $work/pg as the system's under /.
pg=$work/pg
bindir() { printf '%s%s\n' "$pg" "$("$PG_CONFIG" --bindir)"; }
