#include <unistd.h>

#include "cli/output.h"
#include "lab/model/plan.h"
#include "lab/run/lab_commands.h"

enum { TEXT_LIMIT = 16 << 20 };

static bool read_group(const struct options *options, struct lab_group *group, struct error *error)
{
    return lab_group_parse_topics(group, options->lab_topics, error) &&
           lab_group_parse_members(group, options->lab_members, error) &&
           (options->lab_subscriptions == NULL ||
            lab_group_parse_subscriptions(group, options->lab_subscriptions, error));
}

bool run_lab_predict(const struct options *options, struct error *error)
{
    struct lab_group group = {0};
    struct lab_plan plan;
    enum lab_strategy strategies[LAB_STRATEGIES];
    int count = 0;
    if (!read_group(options, &group, error) ||
        !lab_plan_parse(&group, options->lab_steps, &plan, error) ||
        !lab_strategies_parse(options->lab_strategies, strategies, &count, error)) {
        return false;
    }
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    lab_predict_append(&group, &plan, strategies, count, options->format,
                       output_columns(STDOUT_FILENO), &text);
    bool done = output_write_or(&text, "name fewer steps, strategies or topics", error);
    strbuf_free(&text);
    return done;
}
