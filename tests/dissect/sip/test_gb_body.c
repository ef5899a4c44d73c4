#include "dissect/sip/gb_body.h"

#include "tests/shared.h"
#include "tests/test.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n"

static const struct {
  const char *text;
  const char *values; /* kind command SN device result SumNum Num action=value; NULL: none */
} CASES[] = {
  {HEAD "<Query>\r\n<CmdType>Catalog</CmdType>\r\n<SN> 17 </SN><DeviceID>34</DeviceID></Query>",
   "query Catalog 17 34 - - - -"},
  {HEAD "<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>2</DeviceID><SumNum>4</SumNum>"
        "<DeviceList Num=\"2\"><Item><DeviceID>9</DeviceID><SN>8</SN></Item></DeviceList>"
        "<Result>OK</Result></Response>",
   "response Catalog 1 2 OK 4 2 -"},
  {"<Control><CmdType>DeviceControl</CmdType><SN>3</SN><TeleBoot>Boot</TeleBoot></Control>",
   "control DeviceControl 3 - - - - TeleBoot=Boot"},
  {"<Control><CmdType>DeviceControl</CmdType><Info><ControlPriority>5</ControlPriority></Info>"
   "<GuardCmd>SetGuard</GuardCmd></Control>",
   "control DeviceControl - - - - - GuardCmd=SetGuard"},
  {"<!-- a <Query> --><Notify><CmdType>Keepalive</CmdType><SN/><Status>OK</Status></Notify>",
   "notify Keepalive - - - - - -"},
  {"<query><cmdtype>Alarm</cmdtype></query>", "query Alarm - - - - - -"},
  {"<Query><SN>1</SN></Query>", NULL},
  {"<presence><CmdType>Catalog</CmdType></presence>", NULL},
  {"<Query><Deep><CmdType>Catalog</CmdType></Deep></Query>", NULL},
  {"<Query></Query><CmdType>Catalog</CmdType>", NULL},
  {"</Query><CmdType>Catalog</CmdType>", NULL},
  {"<Query><!-- <CmdType>Catalog</CmdType>", NULL},
  {"<", NULL},
  {"", NULL},
};

static void append(GString *text, Slice value)
{
  Slice shown = value.len > 0 ? value : SLICE("-");

  g_string_append_printf(text, " %.*s", SLICE_ARG(shown));
}

static char *values_text(const GbBody *body)
{
  const Slice values[] = {body->command, body->sn,      body->device,
                          body->result,  body->sum_num, body->num};
  GString *text = g_string_new(gb_kind_name(body->kind));

  for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
    append(text, values[i]);
  append(text, body->action);
  if (body->value.len > 0)
    g_string_append_printf(text, "=%.*s", SLICE_ARG(body->value));
  return g_string_free(text, false);
}

static void test_bodies(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    size_t len = strlen(CASES[i].text);
    g_autofree char *octets = exact_copy(CASES[i].text, len);
    GbBody body;
    bool is_read = gb_body_read(slice_of(octets, len), &body);
    if (is_read != (CASES[i].values != NULL))
      fail_msg("%s", CASES[i].text);
    if (!is_read)
      continue;
    g_autofree char *text = values_text(&body);
    assert_string_equal(text, CASES[i].values);
  }
}

/* Cut anywhere it is read or not, and never beyond its end. */
static void test_cut(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len < strlen(CASES[i].text); len++) {
      g_autofree char *octets = exact_copy(CASES[i].text, len);
      GbBody body;
      if (gb_body_read(slice_of(octets, len), &body))
        assert_true(body.command.data + body.command.len <= octets + len);
    }
}

/* What comes after that many tags, or bytes, is not looked for. */
static void test_bounds(void **state)
{
  g_autoptr(GString) text = g_string_new("<Query>");

  (void) state;
  for (unsigned i = 1; i < GB_TAGS_MAX; i++)
    g_string_append(text, "<a/>");
  g_string_append(text, "<CmdType>Catalog</CmdType>");
  GbBody body;
  assert_false(gb_body_read(slice_of(text->str, text->len), &body));
  g_string_erase(text, (gssize) strlen("<Query>"), 4);
  assert_true(gb_body_read(slice_of(text->str, text->len), &body));

  g_string_assign(text, "<Query>");
  while (text->len < GB_SCAN_MAX)
    g_string_append_c(text, ' ');
  g_string_append(text, "<CmdType>Catalog</CmdType>");
  assert_false(gb_body_read(slice_of(text->str, text->len), &body));
}

static bool is_answered(const char *element, const char *command)
{
  g_autofree char *text = g_strdup_printf("<Control><CmdType>%s</CmdType><%s>1</%s></Control>",
                                          command, element, element);
  GbBody body;

  assert_true(gb_body_read(slice_from_string(text), &body));
  return gb_control_is_answered(&body);
}

static void test_answered(void **state)
{
  (void) state;
  assert_false(is_answered("PTZCmd", "DeviceControl"));
  assert_false(is_answered("TeleBoot", "DeviceControl"));
  assert_false(is_answered("IFameCmd", "DeviceControl"));
  assert_true(is_answered("GuardCmd", "DeviceControl"));
  assert_true(is_answered("BasicParam", "DeviceConfig"));
}

/* The command of every message of the vectors; those of the table's column may be the name of a
 * session, too. */
static void test_vectors(void **state)
{
  enum { FILE_NAME, COMMAND = 4, COLUMNS = 10 };
  g_auto(GStrv) rows = shared_rows("vectors/gb28181/index.tsv");
  unsigned commands = 0;

  (void) state;
  for (unsigned i = 1; rows[i]; i++) {
    g_auto(GStrv) cells = g_strsplit(rows[i], "\t", -1);
    assert_true(g_strv_length(cells) >= COLUMNS);
    g_autofree char *name = g_strconcat("vectors/gb28181/", cells[FILE_NAME], NULL);
    Slice octets = shared_octets(name);
    GbBody body = {.kind = GB_NONE};
    SipMsg sip;

    assert_true(sip_msg_parse(octets, false, &sip) != SIP_BAD);
    bool is_read =
      gb_body_read(slice_of(sip.raw.data + sip.header_len, sip.raw.len - sip.header_len), &body);
    g_autofree char *command = is_read ? slice_dup(body.command) : g_strdup("");
    bool is_session =
      strcmp(cells[COMMAND], "Play") == 0 || strcmp(cells[COMMAND], "Download") == 0;
    if (strcmp(command, is_session ? "" : cells[COMMAND]) != 0)
      fail_msg("%s: %s, not %s", cells[FILE_NAME], command, cells[COMMAND]);
    commands += is_read;
    g_free((void *) (uintptr_t) octets.data);
  }
  assert_true(commands >= 35);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_bodies),   cmocka_unit_test(test_cut),     cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_answered), cmocka_unit_test(test_vectors),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
