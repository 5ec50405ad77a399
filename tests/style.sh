#!/usr/bin/env bash
# The house style that a machine can check: clang-format, shellcheck, no file over 600 lines, no
# function over 60 (100 in tests, whose tables of cases stand in functions), banned functions,
# which folder includes which (tests/folders.py), and that documents name what is there (tests/documents.py).
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/common.sh"
# shellcheck source=setup/python.sh
. "$root/setup/python.sh"
cd "$root"

status=0
complain() {
    printf 'style: %s\n' "$*" >&2
    status=1
}

mapfile -t sources < <(git ls-files '*.c' '*.h')
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
mapfile -t texts < <(git ls-files '*.c' '*.h' '*.sh' '*.py' '*.js' '*.mjs' '*.css' '*.html')

need_test_python
clang_format=$("$python" -c 'import clang_format, pathlib; print(pathlib.Path(clang_format.__file__).parent / "data/bin/clang-format")')
"$clang_format" --dry-run --Werror "${sources[@]}" || complain "run $clang_format -i on the files above"
shellcheck -x "${scripts[@]}" || complain "shellcheck found the above"

"$python" tests/folders.py || complain "a folder or an include breaks the rules of tests/folders.py"
"$python" tests/documents.py || complain "a document names what is not there"

for file in "${texts[@]}"; do
    lines=$(wc -l <"$file")
    ((lines <= 600)) || complain "$file has $lines lines; 600 at most"
done

# A function runs from a line that is "{" to one that is "}".
while read -r report; do
    complain "$report"
done < <(awk 'FNR == 1 {open = 0}
    /^\{/ {open = FNR}
    /^\}/ && open {
        lines = FNR - open + 1
        most = FILENAME ~ /^tests/ ? 100 : 60
        if (lines > most) print FILENAME ":" open ": a function of " lines " lines; " most " at most"
        open = 0
    }' \
    "${sources[@]}")

banned='\b(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|atof|sscanf|gets|localtime|gmtime)[[:space:]]*\('
if grep -nE "$banned" "${sources[@]}"; then
    complain "the functions above are banned: see CONTRIBUTING.md"
fi
if grep -nE '\b(TODO|FIXME|XXX)\b' "${texts[@]}" | grep -v '^tests/style.sh'; then
    complain "marks like those above belong in an issue"
fi
if grep -nE '(^|[^|])\|[[:space:]]*grep -[a-zA-Z]*q' "${scripts[@]}" | grep -v '^tests/style.sh'; then
    complain "with pipefail, what feeds the grep -q above fails when it has more to say: use >/dev/null"
fi
exit $status
