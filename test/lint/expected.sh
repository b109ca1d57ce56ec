# Every pg_regress and isolation test has its expected output, and no expected output is left of a test that is gone.
# A test named like a file in sql/ would not be found (pg_regress looks there first).
status=0
complain() { echo "$*"; status=1; }
for file in test/sql/*.sql; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .sql)
    [ -f "expected/$name.out" ] || complain "expected/$name.out is missing"
    [ ! -f "sql/$name.sql" ] || complain "test/sql/$name.sql has the name of sql/$name.sql"
done
for file in expected/*.out; do
    [ ! -e "$file" ] || [ -f "test/sql/$(basename "$file" .out | sed 's/_[0-9]$//').sql" ] || complain "$file belongs to no test"
done
for file in test/isolation/specs/*.spec; do
    [ ! -e "$file" ] || [ -f "test/isolation/expected/$(basename "$file" .spec).out" ] ||
        complain "test/isolation/expected/$(basename "$file" .spec).out is missing"
done
exit $status
