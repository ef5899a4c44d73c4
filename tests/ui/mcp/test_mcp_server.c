#include "tests/test.h"

#include "ui/mcp/server.h"
#include "ui/mcp/strict_json.h"

static McpServer *make_server(void)
{
  const char *const folders[] = {g_getenv("RUNG_SAMPLES"), NULL};
  const CapturesSetup setup = {.folders = folders, .limits = LIMITS_DEFAULT};
  g_autoptr(GError) error = NULL;
  Captures *captures = captures_new(&setup, &error);

  assert_non_null(captures);
  return mcp_server_new(captures, "1.2.3", "one\ntwo\nthree\n");
}

/* The answer to a line; checks that it is one line of JSON. */
static char *answer(McpServer *server, Slice line)
{
  g_autofree char *exact = g_memdup2(line.data, MAX(line.len, 1U));
  GString *reply = g_string_new(NULL);

  mcp_server_answer(server, slice_of(exact, line.len), reply);
  if (reply->len > 0) {
    assert_int_equal(reply->str[reply->len - 1], '\n');
    g_string_truncate(reply, reply->len - 1);
    assert_null(memchr(reply->str, '\n', reply->len));
    assert_true(strict_json_is(slice_of(reply->str, reply->len)));
  }
  return g_string_free(reply, false);
}

#define REQUEST(rest) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":" rest "}"
#define CALL(name, arguments)                                                                      \
  REQUEST("\"tools/call\",\"params\":{\"name\":\"" name "\",\"arguments\":" arguments "}")

static const struct {
  const char *line, *answer; /* a part of it; NULL: there is none */
} CASES[] = {
  {"", NULL},
  {"   ", NULL},
  {"{", "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,"},
  {"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", NULL},
  {"{\"jsonrpc\":\"2.0\",\"method\":\"no/such\"}", NULL},
  {"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}", NULL},
  {"17", "\"code\":-32600"},
  {"[]", "\"code\":-32600"},
  {"{\"id\":1,\"method\":\"ping\"}", "\"id\":1,\"error\":{\"code\":-32600"},
  {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "\"id\":null,\"error\":{\"code\":-32600"},
  {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":{}}", "\"code\":-32600"},
  {REQUEST("\"ping\""), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"},
  {"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}", "\"id\":\"a\",\"result\":{}"},
  {REQUEST("\"ping\",\"params\":[]"), "\"code\":-32602"},
  {REQUEST("\"no/such\""), "\"code\":-32601"},
  {"[" REQUEST("\"ping\"") ",{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]",
   "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]"},
  {"[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]", NULL},
  {REQUEST("\"initialize\",\"params\":{\"protocolVersion\":\"2024-11-05\"}"),
   "\"protocolVersion\":\"2024-11-05\""},
  {REQUEST("\"initialize\",\"params\":{\"protocolVersion\":\"2025-03-26\"}"),
   "\"protocolVersion\":\"2025-03-26\""},
  {REQUEST("\"initialize\",\"params\":{\"protocolVersion\":\"1999-01-01\"}"),
   "\"protocolVersion\":\"2025-06-18\""},
  {REQUEST("\"initialize\",\"params\":{\"protocolVersion\":[1]}"),
   "\"protocolVersion\":\"2025-06-18\""},
  {REQUEST("\"initialize\""), "\"version\":\"1.2.3\""},
  {REQUEST("\"tools/list\""), "\"name\":\"registrations\""},
  {REQUEST("\"tools/call\""), "\"code\":-32602"},
  {REQUEST("\"tools/call\",\"params\":{}"), "\"code\":-32602"},
  {REQUEST("\"tools/call\",\"params\":{\"name\":[]}"), "\"code\":-32602"},
  {CALL("nope", "{}"), "unknown tool nope"},
  {CALL("calls", "[]"), "arguments must be an object"},
  {CALL("calls", "{}"), "calls needs the argument capture"},
  {CALL("calls", "{\"capture\":\"1\"}"), "argument capture has the wrong type"},
  {CALL("calls", "{\"capture\":1.5}"), "argument capture has the wrong type"},
  {CALL("calls", "{\"capture\":null}"), "argument capture has the wrong type"},
  {CALL("calls", "{\"capture\":0}"), "must be from 1"},
  {CALL("calls", "{\"capture\":1,\"limit\":501}"), "must be from 1 to 500"},
  {CALL("calls", "{\"capture\":1,\"limit\":0}"), "must be from 1 to 500"},
  {CALL("calls", "{\"capture\":1,\"offset\":-1}"), "must be from 0"},
  {CALL("calls", "{\"capture\":99999999999999999999}"), "\"code\":-32602"},
  {CALL("calls", "{\"capture\":1,\"path\":\"x\"}"), "calls has no argument path"},
  {CALL("calls", "{\"capture\":1}"), "no capture 1 is open"},
  {CALL("open", "{\"path\":\"/etc/passwd\"}"), "\"isError\":true"},
  {CALL("open", "{\"path\":\"\"}"), "\"isError\":true"},
  {CALL("open", "{\"path\":\".\"}"), "\"isError\":true"},
  {CALL("open", "{\"path\":\"basic.pcap\"}"), "\"isError\":false"},
  {CALL("calls", "{\"capture\":1}"), "next_offset"},
  {CALL("fields", "{\"limit\":2}"), "one\\\\ntwo\\\\n"},
  {CALL("fields", "{\"offset\":2}"), "three\\\\n\\\",\\\"offset\\\":2,\\\"next_offset\\\":null"},
};

static void test_cases(void **state)
{
  g_autoptr(McpServer) server = make_server();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *got = answer(server, slice_from_string(CASES[i].line));
    if (CASES[i].answer ? !strstr(got, CASES[i].answer) : *got != '\0')
      fail_msg("%s\ngives %s\nnot %s", CASES[i].line, got,
               CASES[i].answer ? CASES[i].answer : "nothing");
  }
}

/* Half a megabyte of brackets would need more stack than there is. */
static void test_deep_and_long(void **state)
{
  enum { DEEP = 500 * 1000 };
  g_autoptr(McpServer) server = make_server();
  g_autofree char *deep = g_strnfill(DEEP, '['), *blanks = g_strnfill(MCP_LINE_MAX + 1, ' ');
  g_autofree char *got = answer(server, slice_of(deep, DEEP));

  (void) state;
  assert_non_null(strstr(got, "-32700"));
  memcpy(blanks, "{}", 2);
  g_autofree char *longest = answer(server, slice_of(blanks, MCP_LINE_MAX));
  assert_non_null(strstr(longest, "-32600"));
  g_autofree char *longer = answer(server, slice_of(blanks, MCP_LINE_MAX + 1));
  assert_non_null(strstr(longer, "longer than"));
}

/* The one that was not used for the longest time is closed. */
static void test_open_captures_are_bounded(void **state)
{
  static const char *const NAMES[] = {"basic", "auth", "busy", "cancel", "failed"};
  g_autoptr(McpServer) server = make_server();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    g_autofree char *line = g_strdup_printf(CALL("open", "{\"path\":\"%s.pcap\"}"), NAMES[i]);
    g_autofree char *opened = answer(server, slice_from_string(line));
    assert_non_null(strstr(opened, "\"isError\":false"));
    g_autofree char *used = answer(server, SLICE(CALL("stats", "{\"capture\":1}")));
    assert_non_null(strstr(used, "\"isError\":false"));
  }
  g_autofree char *closed = answer(server, SLICE(CALL("stats", "{\"capture\":2}")));
  assert_non_null(strstr(closed, "no capture 2 is open"));
  g_autofree char *last = answer(server, SLICE(CALL("stats", "{\"capture\":5}")));
  assert_non_null(strstr(last, "\"isError\":false"));
}

/* Lines with bytes that were changed, removed and doubled: answered, or not, and never a fault. */
static void test_changed_lines(void **state)
{
  enum { ROUNDS = 20000, CHANGES_MAX = 4 };
  static const char BYTES[] = "{}[]\",:\\u0dD8ce-1.tn /*'\n\xc3\xff";
  g_autoptr(McpServer) server = make_server();
  g_autoptr(GRand) random = g_rand_new_with_seed(1);

  (void) state;
  for (unsigned round = 0; round < ROUNDS; round++) {
    const char *seed = CASES[round % G_N_ELEMENTS(CASES)].line;
    g_autoptr(GString) line = g_string_new(seed);
    for (int i = g_rand_int_range(random, 1, CHANGES_MAX + 1); i > 0 && line->len > 0; i--) {
      gssize at = g_rand_int_range(random, 0, (gint32) line->len);
      int how = g_rand_int_range(random, 0, 4);
      if (how == 0)
        g_string_erase(line, at, 1);
      else if (how == 1)
        g_string_insert_len(line, at, seed, MIN(7, (gssize) strlen(seed)));
      else
        line->str[at] = BYTES[g_rand_int_range(random, 0, sizeof BYTES - 1)];
    }
    g_autofree char *got = answer(server, slice_of(line->str, line->len));
    (void) got;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_deep_and_long),
    cmocka_unit_test(test_open_captures_are_bounded),
    cmocka_unit_test(test_changed_lines),
  };

  if (!mcp_server_is_there())
    return 77; /* skipped */
  g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
