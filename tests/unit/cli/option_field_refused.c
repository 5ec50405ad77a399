/* Must not compile: tests/unit/cli/CMakeLists.txt tries it for members that the type does not keep.
 * With the member that OPTION_INT does keep it compiles. */
#include "cli/options_table.h"

const struct option_row row = {"--tried", NULL, OPTION_FIELD(OPTION_INT, TRIED_MEMBER), 0};
