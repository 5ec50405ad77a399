/* The embedded registry over real sockets, against what a real one was seen to answer. */
#include "registry_http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "registry/codec/schema.h"
#include "support.h"

#define ONE                                                                                        \
    "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"type\\\":"           \
    "\\\"long\\\",\\\"name\\\":\\\"a\\\"}]}"
#define ONE_SORTED                                                                                 \
    "{\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"}],\\\"name\\\":\\\"R\\\"," \
    "\\\"type\\\":\\\"record\\\"}"
#define ONE_GUID "00000001-e5b6-801e-b075-232c5ee4f984"
#define ONE_SPACED                                                                                 \
    "{\\\"name\\\": \\\"R\\\",\\n \\\"type\\\":\\\"record\\\", \\\"fields\\\":[ "                  \
    "{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"} ]}"
#define FIELDS(fields)                                                                             \
    "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[" fields "]}"
#define A_LONG "{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"}"
#define NOTE "{\\\"name\\\":\\\"note\\\",\\\"type\\\":\\\"string\\\"}"
#define NOTE_DEFAULT                                                                               \
    "{\\\"name\\\":\\\"note\\\",\\\"type\\\":\\\"string\\\",\\\"default\\\":\\\"\\\"}"
#define BODY(schema) "{\"schema\":\"" schema "\"}"

struct step {
    const char *method;
    const char *path;
    const char *body;
    long status;
    const char *want; /* the whole body; or, after '~', a part of it */
};

static void expect(struct http_client *http, const struct step *step, const char *type)
{
    struct http_response response = {0};
    assert_true(ask(http, step->method, step->path, *step->body != '\0' ? type : NULL, step->body,
                    &response));
    const char *got = strbuf_text(&response.body);
    bool part = step->want[0] == '~';
    bool same = part ? strstr(got, step->want + 1) != NULL : strcmp(got, step->want) == 0;
    if (response.status != step->status || !same) {
        fail_msg("%s %s %s: %ld %s, wanted %ld %s", step->method, step->path, step->body,
                 response.status, got, step->status, step->want);
    }
    assert_string_equal(response.content_type, REGISTRY_JSON);
    http_response_free(&response);
}

static void run_steps(const struct step *steps, size_t count)
{
    struct registry_server *server = start_registry(":memory:");
    struct http_client *http = connect_to(registry_server_url(server));
    for (size_t i = 0; i < count; i++) {
        expect(http, &steps[i], REGISTRY_JSON);
    }
    http_client_destroy(http);
    registry_server_destroy(server);
}
#define RUN(steps) run_steps(steps, sizeof steps / sizeof steps[0])

static void answers_are_those_of_the_observed_registry(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"GET", "/", "", 200, "{}"},
        {"GET", "/_health", "", 200, "{\"healthy\":true,\"schema_registry_ready\":true}"},
        {"GET", "/mode", "", 200, "{\"mode\":\"READWRITE\"}"},
        {"GET", "/subjects", "", 200, "[]"},
        {"GET", "/schemas/types", "", 200, "[\"AVRO\"]"},
        {"POST", "/subjects/S/versions", BODY(ONE), 200, "~{\"id\":1,\"guid\":\"00000001-"},
        {"POST", "/subjects/S/versions", BODY(ONE), 200, "~{\"id\":1,\"guid\":\"00000001-"},
        {"POST", "/subjects/S/versions?normalize=true", BODY(ONE_SPACED), 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
        {"POST", "/subjects/t.T%20%C3%A9/versions/", BODY(ONE_SPACED), 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
        {"GET", "/subjects", "", 200, "[\"S\",\"t.T \xC3\xA9\"]"},
        {"GET", "/subjects/S/versions", "", 200, "[1]"},
        {"GET", "/subjects/S/versions/latest", "", 200,
         "{\"subject\":\"S\",\"version\":1,\"id\":1,\"guid\":\"" ONE_GUID
         "\",\"schema\":\"" ONE_SORTED "\"}"},
        {"GET", "/subjects/S/versions/1", "", 200, "~\"version\":1,\"id\":1,"},
        {"GET", "/subjects/S/versions/-1", "", 200, "~\"version\":1,\"id\":1,"},
        {"GET", "/subjects/S/versions/1/schema", "", 200,
         "{\"fields\":[{\"name\":\"a\",\"type\":\"long\"}],\"name\":\"R\",\"type\":\"record\"}"},
        {"POST", "/subjects/S", BODY(ONE_SPACED), 200,
         "{\"subject\":\"S\",\"version\":1,\"id\":1,\"guid\":\"" ONE_GUID
         "\",\"schema\":\"" ONE_SORTED "\"}"},
        {"POST", "/subjects/S", BODY(FIELDS("")), 404,
         "{\"error_code\":40403,\"message\":\"Schema not found\"}"},
        {"POST", "/subjects/nope", BODY(ONE), 404,
         "{\"error_code\":40401,\"message\":\"Subject 'nope' not found.\"}"},
        {"GET", "/schemas/ids/1", "", 200, "{\"schema\":\"" ONE_SORTED "\"}"},
        {"GET", "/schemas/ids/1?fetchMaxId=false&subject=S", "", 200,
         "{\"schema\":\"" ONE_SORTED "\"}"},
        {"GET", "/schemas/guids/" ONE_GUID, "", 200,
         "{\"schema\":\"" ONE_SORTED "\",\"guid\":\"" ONE_GUID "\"}"},
        {"GET", "/schemas/guids/89791762-2336-4186-9674-299b90a802e2", "", 404,
         "{\"error_code\":40403,\"message\":\"Schema not found\"}"},
        {"GET", "/schemas/guids/00000001-2336-8186-9674-299b90a802e2", "", 404, "~40403"},
        {"GET", "/schemas/guids/1", "", 404, "~40403"},
        {"GET", "/schemas/ids/1/schema", "", 200, "~{\"fields\":[{\"name\":\"a\""},
        {"GET", "/schemas/ids/1/versions", "", 200,
         "[{\"subject\":\"S\",\"version\":1},{\"subject\":\"t.T \xC3\xA9\",\"version\":1}]"},
        {"GET", "/schemas/ids/999", "", 404,
         "{\"error_code\":40403,\"message\":\"Schema not found\"}"},
        {"GET", "/schemas/ids/999/versions", "", 404, "~40403"},
        {"GET", "/schemas/ids/abc", "", 404,
         "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"},
        {"GET", "/schemas/ids/-5", "", 404, "~40403"},
        {"GET", "/schemas/ids/4294967297", "", 404, "~40403"},
        {"GET", "/subjects/nope/versions", "", 404,
         "{\"error_code\":40401,\"message\":\"Subject 'nope' not found.\"}"},
        {"GET", "/subjects/nope/versions/latest", "", 404, "~40401"},
        {"GET", "/subjects/S/versions/99", "", 404,
         "{\"error_code\":40402,\"message\":\"Version 99 not found.\"}"},
        {"GET", "/subjects/S/versions/zero", "", 422, "~42202"},
        {"GET", "/subjects/S/versions/0", "", 422, "~42202"},
        {"GET", "/subjects/S/versions/2147483647", "", 404, "~40402"},
        {"GET", "/subjects/S/versions/2147483648", "", 422, "~42202"},
        {"GET", "/nothing", "", 404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"},
        {"GET", "/subjects//versions", "", 404, "~HTTP 404"},
        {"GET", "/subjects/S/versions/1/schema/x", "", 404, "~HTTP 404"},
        {"PUT", "/subjects", "{}", 405, "~HTTP 405"},
        {"GET", "/compatibility/subjects/S/versions/1", "", 405, "~HTTP 405"},
    };
    RUN(steps);
}

static void levels_are_kept_and_asked_for(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"GET", "/config", "", 200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
        {"GET", "/config/S", "", 404,
         "{\"error_code\":40408,\"message\":\"Subject 'S' does not have subject-level "
         "compatibility configured\"}"},
        {"GET", "/config/S?defaultToGlobal=true", "", 200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
        {"PUT", "/config", "{\"compatibility\":\"full\"}", 200, "{\"compatibility\":\"FULL\"}"},
        {"GET", "/config", "", 200, "{\"compatibilityLevel\":\"FULL\"}"},
        {"PUT", "/config/S", "{\"compatibility\":\"BACKWARD\"}", 200,
         "{\"compatibility\":\"BACKWARD\"}"},
        {"GET", "/config/S", "", 200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
        {"PUT", "/config/S", "{\"compatibility\":\"SIDEWAYS\"}", 422, "~42203"},
        {"PUT", "/config/S", "{\"compatibility\":5}", 422, "~\"message\":[{"},
        {"PUT", "/config/S", "{\"compatibility\":\"FULL\",\"alias\":\"T\"}", 422,
         "~\\\"alias\\\" is not supported"},
        {"PUT", "/config/S", "{\"compatibilityGroup\":\"v\"}", 422, "~compatibilityGroup"},
        {"PUT", "/config/S", "{\"compatibility\":\"BACKWARD\",\"alias\":null,\"normalize\":false}",
         200, "~BACKWARD"},
        {"GET", "/config/S", "", 200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
        {"DELETE", "/config/S", "", 200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
        {"DELETE", "/config/S", "", 404, "~40408"},
        /* FULL by the global level now: a field may neither come nor go without a default */
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG)), 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
        {"POST", "/subjects/S/versions", BODY(FIELDS("")), 409, "~compatibility_mode=FULL"},
        {"PUT", "/config/S", "{\"compatibility\":\"NONE\"}", 200, "{\"compatibility\":\"NONE\"}"},
        {"POST", "/subjects/S/versions", BODY(FIELDS("")), 200, "~{\"id\":2,\"guid\":\"00000002-"},
    };
    RUN(steps);
}

static void incompatible_schema_is_told_and_refused(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG)), 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
        {"POST", "/compatibility/subjects/S/versions/latest", BODY(FIELDS(A_LONG "," NOTE)), 200,
         "~{\"is_compatible\":false,\"messages\":[\"the new schema cannot read the old: field "
         "'note'"},
        {"POST", "/compatibility/subjects/S/versions/1", BODY(FIELDS(A_LONG "," NOTE_DEFAULT)), 200,
         "{\"is_compatible\":true}"},
        {"POST", "/compatibility/subjects/S/versions/7", BODY(FIELDS("")), 404, "~40402"},
        {"POST", "/compatibility/subjects/nope/versions/latest", BODY(FIELDS("")), 404, "~40401"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG "," NOTE)), 409,
         "~{\"error_code\":409,\"message\":\"Incompatible schema, compatibility_mode=BACKWARD. "
         "Incompatibilities: version 1: the new schema cannot read the old: field 'note'"},
        {"GET", "/subjects/S/versions", "", 200, "[1]"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG "," NOTE_DEFAULT)), 200,
         "~{\"id\":2,\"guid\":\"00000002-"},
        {"GET", "/subjects/S/versions", "", 200, "[1,2]"},
        {"POST", "/subjects/S", BODY(ONE), 200, "~\"version\":1,\"id\":1,"},
        /* an older version again is no new one, whatever the level */
        {"POST", "/subjects/S/versions", BODY(ONE), 200, "~{\"id\":1,\"guid\":\"00000001-"},
        {"GET", "/subjects/S/versions", "", 200, "[1,2]"},
        /* the refused schema has not taken an id */
        {"POST", "/subjects/T/versions", BODY(FIELDS(A_LONG "," NOTE)), 200, "~{\"id\":3,"},
    };
    RUN(steps);
}

static void deleting_hides_and_never_gives_an_id_or_version_twice(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG)), 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG "," NOTE_DEFAULT)), 200,
         "~{\"id\":2,\"guid\":\"00000002-"},
        {"DELETE", "/subjects/S/versions/9", "", 404, "~40402"},
        {"DELETE", "/subjects/S/versions/latest", "", 200, "2"},
        {"GET", "/subjects/S/versions", "", 200, "[1]"},
        {"GET", "/schemas/ids/2/versions", "", 200, "[]"},
        {"DELETE", "/subjects/S?permanent=true", "", 422, "~permanent=true is not supported"},
        {"DELETE", "/subjects/S", "", 200, "[1]"},
        {"DELETE", "/subjects/S", "", 404,
         "{\"error_code\":40404,\"message\":\"Subject 'S' was soft deleted.\"}"},
        {"DELETE", "/subjects/nope", "", 404, "~40401"},
        {"GET", "/subjects", "", 200, "[]"},
        {"GET", "/subjects/S/versions/latest", "", 404, "~40401"},
        {"GET", "/schemas/ids/1", "", 200, "~\\\"name\\\":\\\"a\\\""},
        /* what is deleted is not compared with */
        {"POST", "/subjects/S/versions", BODY(FIELDS(NOTE)), 200, "~{\"id\":3,"},
        {"GET", "/subjects/S/versions", "", 200, "[3]"},
        {"DELETE", "/subjects/S", "", 200, "[3]"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG)), 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
        {"GET", "/subjects/S/versions", "", 200, "[4]"},
    };
    RUN(steps);
}

static void bodies_that_are_no_avro_are_refused(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"POST", "/subjects/S/versions", "{not json", 422, "~{\"error_code\":422,\"message\":[{"},
        {"POST", "/subjects/S/versions", "[]", 422, "~no JSON object"},
        {"POST", "/subjects/S/versions", "{\"schemas\":\"\"}", 422, "~no string"},
        {"POST", "/subjects/S/versions", "{\"schema\":{}}", 422, "~no string"},
        {"POST", "/subjects/S/versions", BODY("{\\\"type\\\":\\\"rekord\\\"}"), 422,
         "~{\"error_code\":42201,\"message\":\"Invalid AVRO schema. Error: there is no type "},
        {"POST", "/subjects/S/versions", BODY("\\u0000"), 422, "~42201"},
        {"POST", "/subjects/S/versions",
         BODY(FIELDS("{\\\"name\\\":\\\"x\\\",\\\"type\\\":{\\\"type\\\":\\\"array\\\"}}")), 422,
         "~field 'x': its type is no name"},
        {"POST", "/subjects/S/versions",
         "{\"schema\":\"syntax = \\\"proto3\\\";\",\"schemaType\":\"PROTOBUF\"}", 422,
         "~Schema type PROTOBUF is not supported"},
        {"POST", "/subjects/S/versions",
         "{\"schema\":\"" ONE "\",\"references\":[{\"name\":\"x\"}]}", 422, "~References"},
        {"POST", "/subjects/a%0Ab/versions", BODY(ONE), 422, "~42208"},
        {"POST", "/subjects/S/versions",
         "{\"schema\":\"" ONE "\",\"schemaType\":\"AVRO\",\"references\":[]}", 200,
         "~{\"id\":1,\"guid\":\"00000001-"},
    };
    RUN(steps);
}

static void media_types_and_sizes_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        long want;
    } cases[] = {
        {"text/plain", 415},
        {"application/x-www-form-urlencoded", 415},
        {"", 415},
        {"application/jsonp", 415},
        {"application/json", 200},
        {"Application/JSON; charset=utf-8", 200},
        {REGISTRY_JSON, 200},
        {"application/vnd.schemaregistry+json", 200},
    };
    struct registry_server *server = start_registry(":memory:");
    struct http_client *http = connect_to(registry_server_url(server));
    struct http_response response = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *type = *cases[i].type != '\0' ? cases[i].type : NULL;
        assert_true(ask(http, "POST", "/subjects/S/versions", type, BODY(ONE), &response));
        assert_int_equal(response.status, cases[i].want);
    }
    struct strbuf large = strbuf_new(4 * SCHEMA_TEXT_LIMIT);
    while (large.length <= 3 * SCHEMA_TEXT_LIMIT) {
        strbuf_append_text(&large, "                ");
    }
    assert_true(
        ask(http, "POST", "/subjects/S/versions", REGISTRY_JSON, strbuf_text(&large), &response));
    assert_int_equal(response.status, 413);
    strbuf_free(&large);
    http_response_free(&response);
    http_client_destroy(http);
    registry_server_destroy(server);
}

static void id_and_version_of_a_body_are_kept_to_or_refused(void **state)
{
    (void)state;
#define WISH(schema, wish) "{\"schema\":\"" schema "\"," wish "}"
    static const struct step steps[] = {
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":77"), 422,
         "~{\"error_code\":42205,\"message\":\"Subject 'S' is not in import mode"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":1"), 422, "~42205"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":0"), 422, "~42205"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"version\":2"), 422,
         "~{\"error_code\":42201,\"message\":\"Version is not one more than previous version"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"version\":4294967297"), 422, "~42201"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"version\":-7"), 422, "~42201"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":\"1\""), 422, "~no integer"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"version\":1.0"), 422, "~no integer"},
        {"GET", "/subjects", "", 200, "[]"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":-1,\"version\":0"), 200, "~{\"id\":1,"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":null,\"version\":-1"), 200,
         "~{\"id\":1,"},
        {"POST", "/subjects/S/versions", WISH(ONE_SPACED, "\"id\":1,\"version\":1"), 200,
         "~{\"id\":1,"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"id\":2"), 422, "~42205"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"version\":2"), 422, "~is version 1 of 'S'"},
        {"POST", "/subjects/S/versions", WISH(FIELDS(""), "\"version\":1"), 422, "~42201"},
        {"POST", "/subjects/S/versions", WISH(FIELDS(""), "\"version\":2"), 200, "~{\"id\":2,"},
        /* the very id, but under another subject; a version that was deleted */
        {"POST", "/subjects/T/versions", WISH(ONE, "\"id\":1"), 422, "~42205"},
        {"DELETE", "/subjects/S/versions/2", "", 200, "2"},
        {"POST", "/subjects/S/versions", WISH(FIELDS(""), "\"version\":2"), 422, "~42201"},
        {"POST", "/subjects/S/versions", WISH(FIELDS(""), "\"id\":2"), 422, "~42205"},
        {"POST", "/subjects/S/versions", WISH(FIELDS(""), "\"version\":3"), 200, "~{\"id\":2,"},
        {"GET", "/subjects/S/versions", "", 200, "[1,3]"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"metadata\":{\"properties\":{}}"), 422,
         "~\\\"metadata\\\" is not supported"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"metadata\":null,\"ruleSet\":{}"), 200,
         "~{\"id\":1,"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"references\":{\"a\":1}"), 422, "~References"},
        {"POST", "/subjects/S/versions", WISH(ONE, "\"schemaType\":5"), 422, "~no string"},
    };
#undef WISH
    RUN(steps);
}

static void query_parameters_are_honoured_or_refused(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"POST", "/subjects/a-1/versions", BODY(FIELDS(A_LONG)), 200, "~{\"id\":1,"},
        {"POST", "/subjects/a-1/versions", BODY(FIELDS(A_LONG "," NOTE_DEFAULT)), 200,
         "~{\"id\":2,"},
        {"POST", "/subjects/a-2/versions", BODY(FIELDS(A_LONG)), 200, "~{\"id\":1,"},
        {"POST", "/subjects/b/versions", BODY(FIELDS(A_LONG)), 200, "~{\"id\":1,"},
        {"DELETE", "/subjects/a-1/versions/1?permanent=false", "", 200, "1"},
        {"DELETE", "/subjects/a-2", "", 200, "[1]"},
        {"GET", "/subjects", "", 200, "[\"a-1\",\"b\"]"},
        {"GET", "/subjects?deleted=false&offset=0&limit=-1", "", 200, "[\"a-1\",\"b\"]"},
        {"GET", "/subjects?deleted=true", "", 200, "[\"a-1\",\"a-2\",\"b\"]"},
        {"GET", "/subjects?deletedOnly=TRUE", "", 200, "[\"a-2\"]"},
        {"GET", "/subjects?deleted=true&deletedOnly=true", "", 200, "[\"a-2\"]"},
        {"GET", "/subjects?subjectPrefix=a", "", 200, "[\"a-1\"]"},
        {"GET", "/subjects?subjectPrefix=a-&deleted=true", "", 200, "[\"a-1\",\"a-2\"]"},
        {"GET", "/subjects?subjectPrefix=:*:b", "", 200, "[\"b\"]"},
        {"GET", "/subjects?subjectPrefix=", "", 200, "[\"a-1\",\"b\"]"},
        {"GET", "/subjects?subjectPrefix=a-11", "", 200, "[]"},
        {"GET", "/subjects/a-1/versions", "", 200, "[2]"},
        {"GET", "/subjects/a-1/versions?deleted=true", "", 200, "[1,2]"},
        {"GET", "/subjects/a-1/versions?deletedOnly=true", "", 200, "[1]"},
        {"GET", "/subjects/a-2/versions", "", 404, "~40401"},
        {"GET", "/subjects/a-2/versions?deleted=true", "", 200, "[1]"},
        {"GET", "/subjects/b/versions?deletedOnly=true", "", 404, "~40401"},
        {"GET", "/subjects/a-1/versions/1", "", 404, "~40402"},
        {"GET", "/subjects/a-1/versions/1?deleted=true", "", 200, "~\"version\":1,\"id\":1,"},
        {"GET", "/subjects/a-2/versions/latest/schema?deleted=true", "", 200, "~\"fields\""},
        {"POST", "/subjects/a-2", BODY(ONE), 404, "~40401"},
        {"POST", "/subjects/a-2?deleted=true", BODY(ONE), 200, "~\"version\":1,\"id\":1,"},
        {"GET", "/schemas/ids/1/versions", "", 200, "[{\"subject\":\"b\",\"version\":1}]"},
        {"GET", "/schemas/ids/1/versions?deleted=true&subject=a-1", "", 200,
         "[{\"subject\":\"a-1\",\"version\":1}]"},
        {"GET", "/schemas/ids/1/subjects", "", 200, "[\"b\"]"},
        {"GET", "/schemas/ids/1/subjects?deleted=true", "", 200, "[\"a-1\",\"a-2\",\"b\"]"},
        {"GET", "/schemas/ids/1/subjects?subject=nope", "", 200, "[]"},
        {"GET", "/schemas/ids/9/subjects", "", 404, "~40403"},
        {"GET", "/subjects?deleted=perhaps", "", 422, "~deleted takes true or false"},
        {"GET", "/subjects?limit=1", "", 422, "~limit=1 is not supported here"},
        {"GET", "/subjects?offset=1", "", 422, "~offset=1 is not supported"},
        {"GET", "/subjects/a-1/versions?subjectPrefix=a", "", 422, "~subjectPrefix=a is not"},
        {"GET", "/subjects/a-1/versions?deletedAsNegative=true", "", 422, "~deletedAsNegative"},
        {"GET", "/subjects/a-1/versions/1?deletedOnly=true", "", 422, "~deletedOnly=true is not"},
        {"GET", "/schemas/ids/1?fetchMaxId=true", "", 422, "~fetchMaxId=true is not supported"},
        {"DELETE", "/subjects/b?permanent=TRUE", "", 422, "~permanent=true is not supported"},
        {"DELETE", "/subjects/b?deleted=true", "", 422, "~deleted=true is not supported"},
        {"GET", "/subjects/b/versions", "", 200, "[1]"},
    };
    RUN(steps);
}

/* A path is split at its slashes first and decoded then: else a subject's own slash makes it
 * another path, and "/config/%2F" the global level's. */
static void subjects_of_any_name_are_told_apart(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"POST", "/subjects/a%2Fb/versions", BODY(ONE), 200, "~{\"id\":1,"},
        {"POST", "/subjects/%2F/versions", BODY(ONE), 200, "~{\"id\":1,"},
        {"POST", "/subjects/a%252Fb/versions", BODY(ONE), 200, "~{\"id\":1,"},
        {"POST", "/subjects/%2E%2e/versions", BODY(ONE), 200, "~{\"id\":1,"},
        {"GET", "/subjects", "", 200, "[\"..\",\"/\",\"a%2Fb\",\"a/b\"]"},
        {"GET", "/subjects/a%2Fb/versions/latest", "", 200, "~\"subject\":\"a/b\","},
        {"DELETE", "/subjects/a%2Fversions%2F1", "", 404, "~40401"},
        {"GET", "/subjects%2Fa/versions", "", 404, "~404"},
        {"GET", "/subjects/a//versions", "", 404, "~404"},
        {"PUT", "/config/%2F", "{\"compatibility\":\"NONE\"}", 200, "~NONE"},
        {"GET", "/config", "", 200, "~BACKWARD"},
        {"GET", "/config/%2F", "", 200, "~NONE"},
        {"POST", "/subjects/%FF/versions", BODY(ONE), 422, "~42208"},
        {"POST", "/subjects/%C2%80/versions", BODY(ONE), 422, "~42208"},
        {"POST", "/subjects/%0A/versions", BODY(ONE), 422, "~42208"},
        {"PUT", "/config/%0A", "{\"compatibility\":\"NONE\"}", 422, "~42208"},
        {"PUT", "/config/a", "{\"compatibility\":\"NONE\\u0000\"}", 422, "~42203"},
        {"GET", "/a/b/c/d/e/f/g/h/i/j", "", 404, "~404"},
    };
    RUN(steps);
}

static void compatibility_with_all_versions_is_what_registering_asks(void **state)
{
    (void)state;
    static const char path[] = "/compatibility/subjects/S/versions?verbose=true";
    static const struct step steps[] = {
        {"POST", path, BODY(ONE), 200, "{\"is_compatible\":true}"}, /* a subject that is new */
        {"PUT", "/config/S", "{\"compatibility\":\"NONE\"}", 200, "~NONE"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG)), 200, "~{\"id\":1,"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(A_LONG "," NOTE)), 200, "~{\"id\":2,"},
        {"POST", path, BODY(FIELDS(NOTE)), 200, "{\"is_compatible\":true}"},
        {"PUT", "/config/S", "{\"compatibility\":\"BACKWARD\"}", 200, "~BACKWARD"},
        {"POST", path, BODY(FIELDS(NOTE)), 200, "{\"is_compatible\":true}"},
        {"PUT", "/config/S", "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}", 200, "~BACKWARD"},
        {"POST", path, BODY(FIELDS(NOTE)), 200,
         "~{\"is_compatible\":false,\"messages\":[\"version 1: the new schema cannot read the old"},
        {"POST", "/subjects/S/versions", BODY(FIELDS(NOTE)), 409, "~version 1: the new schema"},
        {"POST", path, BODY(FIELDS("")), 200, "{\"is_compatible\":true}"},
        {"POST", path, "{}", 422, "~no string"},
    };
    RUN(steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_the_observed_registry),
        cmocka_unit_test(levels_are_kept_and_asked_for),
        cmocka_unit_test(incompatible_schema_is_told_and_refused),
        cmocka_unit_test(deleting_hides_and_never_gives_an_id_or_version_twice),
        cmocka_unit_test(bodies_that_are_no_avro_are_refused),
        cmocka_unit_test(media_types_and_sizes_are_bounded),
        cmocka_unit_test(id_and_version_of_a_body_are_kept_to_or_refused),
        cmocka_unit_test(query_parameters_are_honoured_or_refused),
        cmocka_unit_test(subjects_of_any_name_are_told_apart),
        cmocka_unit_test(compatibility_with_all_versions_is_what_registering_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
