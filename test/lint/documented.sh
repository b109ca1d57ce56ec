# What a list in src/ names, its page explains: a row added to a .def needs a line of docs.  One row below for each list:
# the list, what stands before the word in its rows, what the page puts before it, the page that must have `word`.
# A page that is not there yet is not checked.
status=0
while read -r list before prefix page; do
    if ! [ -f "$list" ] || ! [ -f "$page" ]; then continue; fi
    while read -r word; do
        grep -qF -- "\`${prefix#-}$word\`" "$page" || { echo "$page does not explain \`${prefix#-}$word\` ($list)"; status=1; }
    done < <(sed -nE "s/^$before([A-Za-z_.:-]+).*/\1/p" "$list")
done << 'LISTS'
src/asl/states.def WF_STATE\(\w+,\s*" - docs/language.md
src/asl/errors.def WF_ERROR\(WF_STATES_\w+,\s*" - docs/language.md
src/interpreter/history.def WF_EVENT\(\w+,\s*" - docs/history.md
src/pg/settings.def WF_SETTING_\w+\( workflow. docs/operations.md
src/api/actions.def WF_ACTION\(" - README.md
src/pg/service_errors.def WF_SERVICE_ERROR\(\w+,\s*"[0-9]+",\s*" - docs/errors.md
src/task/kinds.def WF_TASK_KIND\(" - docs/tasks.md
LISTS
exit $status
