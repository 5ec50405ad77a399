#include "source/service/service_answer.h"

enum { UNAUTHORIZED = 401, PAYMENT_REQUIRED = 402, FORBIDDEN = 403 };

void service_answer_explain(const struct service_answer *answer, const struct service_words *words,
                            struct error *error)
{
    struct str start = str_trim(answer->body);
    long status = answer->status;
    if (status >= 200 && status < 300 && start.length > 0 && start.data[0] != '<') {
        error_set(error, ERROR_RETRY, "the answer is none of %s: is %s right?", words->name,
                  words->url);
    } else if (status >= 200 && status < 300) {
        error_set(error, ERROR_RETRY, "the answer is %s: is %s right?",
                  start.length > 0 ? "an HTML page, not JSON" : "empty", words->url);
    } else if (status == UNAUTHORIZED || status == PAYMENT_REQUIRED || status == FORBIDDEN) {
        error_set(error, ERROR_RETRY, "HTTP %ld: it refuses us: see %s", status, words->key);
    } else if (status >= 400 && status < 500) {
        error_set(error, ERROR_RETRY, "HTTP %ld: it does not take what is asked: see %s", status,
                  words->url);
    } else {
        error_set(error, ERROR_RETRY, "HTTP %ld: %s is away", status, words->name);
    }
}
