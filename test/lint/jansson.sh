# <jansson.h> does not compile beside utils/builtins.h, and one of its functions must never be called (see json.h): it is
# included in one header only, behind which the name is poisoned.
! grep -rnE '#include *[<"]jansson(_config)?\.h' src --include='*.[ch]' | grep -v '^src/json/json\.h:'
