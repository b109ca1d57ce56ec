# A function that our libraries define and the server defines too would be bound to the server's: a call of jansson's
# json_object() crashes the backend.  So no symbol that workflow.so takes from elsewhere has two homes.
imports=$(nm -D --undefined-only "$so" | awk '{print $2}' | sed 's/@.*//' | sort -u)
server=$(nm -D --defined-only "$postgres" | awk '{print $3}' | sed 's/@.*//' | sort -u)
status=0
for library in $(ldd "$so" | awk '/=>/ && !/lib(c|m|gcc_s)\.so|linux-vdso/ {print $3}'); do
    both=$(nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | sort -u |
        comm -12 - <(printf '%s\n' "$server") | comm -12 - <(printf '%s\n' "$imports"))
    [ -z "$both" ] || { echo "in $library and in the server: $both"; status=1; }
done
if printf '%s\n' "$imports" | grep -x json_object; then status=1; fi
exit $status
