#include "tests/ui/golden.h"

#include "dissect/ingest/pipeline.h"
#include "tests/ui/message_cases.h"
#include "tests/sample_trace.h"
#include "tests/shared.h"
#include "ui/show/message_tree.h"

static void append_text(GString *to, const char *before, Slice text)
{
  if (!text.data)
    return;
  g_string_append(to, before);
  text_append_safe(to, text, TEXT_UTF8);
}

static char *tree_text(const MessageTree *tree)
{
  GString *text = g_string_new(NULL);

  for (size_t i = 0; i < tree->count; i++) {
    const TreeNode *node = &tree->nodes[i];

    g_string_append_printf(text, "%4u+%-4u ", node->octets.offset, node->octets.len);
    text_append_spaces(text, node->depth * 2U);
    g_string_append_c(text, !tree_node_has_children(tree, i) ? ' ' : node->closed ? '+' : '-');
    append_text(text, "", node->name);
    append_text(text, ": ", node->value);
    append_text(text, "  -- ", node->note);
    if (node->style == STYLE_WARNING || node->style == STYLE_ERROR)
      g_string_append(text, "  !");
    g_string_append_c(text, '\n');
  }
  return g_string_free(text, FALSE);
}

static void test_goldens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++) {
    const MessageCase *c = &MESSAGE_CASES[i];
    SipMsg sip;
    g_autofree char *octets = parse_text(c->text, strlen(c->text), &sip);
    g_autofree char *name = g_strdup_printf("show/message/tree-%s.txt", c->name);
    Arena arena;

    assert_non_null(octets);
    arena_init(&arena, 4096);
    MessageTree tree = message_tree_build(&arena, &sip, NULL);
    g_autofree char *text = tree_text(&tree);
    assert_golden(name, text);
    arena_clear(&arena);
  }
}

#define WITH_BODY(type)                                                                            \
  "NOTIFY sip:b@10.0.0.2 SIP/2.0\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK2\n"                     \
  "Content-Type: " type "\n\n"

#define TEXT(literal)                                                                              \
  {                                                                                                \
    literal, sizeof(literal) - 1                                                                   \
  }

/* Bodies, of which each kind has a golden; texts may have NULs. */
static const struct {
  const char *name;
  Slice text;
} BODIES[] = {
  {"isup-iam",
   TEXT(WITH_BODY(
     "application/isup;version=itu-t92+;base=itu-t92+") "\x01\x11\x60\x01\x0a\x00\x02\x0a\x08\x83"
                                                        "\x10\x94\x98\x21\x43\x65\x0f"
                                                        "\x0a\x07\x03\x17\x94\x98\x67\x45\x23\x28"
                                                        "\x05\x84\x14\x94\x21\x03"
                                                        "\x13\x02\x13\x21\x99\x01\xff\x00")},
  {"isup-rel", TEXT(WITH_BODY("application/isup;version=itu-t92+") "\x0c\x02\x00\x02\x82\xa2")},
  {"isup-ansi",
   TEXT(WITH_BODY("application/isup;version=ansi88") "\x01\x00\x20\x01\x0a\x03\x06\x0d\x03\x80\x90"
                                                     "\xa2\x07\x03\x10"
                                                     "\x12\x32\x54\x76\x98\xea\x01\x00\x00")},
  {"isup-unknown", TEXT(WITH_BODY("application/isup") "\x7e\x01\x02")},
  {"pidf",
   TEXT(WITH_BODY(
     "application/pidf+xml") "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                             "<presence xmlns='urn:ietf:params:xml:ns:pidf' xmlns:gp='g' "
                             "xmlns:cl='c' "
                             "xmlns:gml='m' entity='sip:alice@example.com'>\n"
                             "<tuple "
                             "id='t1'><status><basic>open</basic><gp:geopriv><gp:location-info>\n"
                             "<gml:Point><gml:pos>48.1 "
                             "11.5</gml:pos></gml:Point><cl:civicAddress>\n"
                             "<cl:country>DE</cl:country><cl:A3>Munich</cl:A3></cl:civicAddress>\n"
                             "</gp:location-info><gp:usage-rules/><gp:method>GPS</gp:method></"
                             "gp:geopriv>\n"
                             "</status><contact priority='0.8'>sip:alice@192.0.2.1</contact>\n"
                             "<note>at &lt;home&gt;</note></tuple></presence>\n")},
  {"dialog-info",
   TEXT(
     WITH_BODY("application/dialog-info+xml") "<dialog-info version='3' state='full' "
                                              "entity='sip:bob@example.com'><dialog id='d1' "
                                              "call-id='a84b4c76' direction='recipient'><state "
                                              "event='rejected'>terminated</state>"
                                              "<local><identity "
                                              "display='Bob'>sip:bob@example.com</identity></local>"
                                              "<remote><identity>sip:alice@example.com</identity></"
                                              "remote></dialog></dialog-info>")},
  {"rs-metadata",
   TEXT(WITH_BODY("application/rs-metadata+xml") "<recording "
                                                 "xmlns='urn:ietf:params:xml:ns:recording:1'><"
                                                 "datamode>complete</datamode>"
                                                 "<session "
                                                 "session_id='hVpd7Q=='><sipSessionID>ab30;remote="
                                                 "00</sipSessionID></session>"
                                                 "<participant participant_id='srfB=='><nameID "
                                                 "aor='sip:bob@example.com'><name>Bob</name>"
                                                 "</nameID></participant><stream "
                                                 "stream_id='UAAM==' session_id='hVpd7Q=='>"
                                                 "<label>96</label></stream></recording>")},
  {"xml-entity",
   TEXT(WITH_BODY(
     "application/xml") "<!DOCTYPE a [<!ENTITY x \"1\"><!ENTITY y \"&x;&x;\">]>\n<a>&y;</a>")},
  {"xml-latin1",
   TEXT(
     WITH_BODY("text/xml") "<?xml version='1.0' encoding='ISO-8859-1'?><a><b>M\xfcnchen</b></a>")},
  {"json", TEXT(WITH_BODY("application/vnd.3gpp+json") "{\"a\":\"b\\u00fc\\n\",\"list\":[1,-2.5e3,"
                                                       "{\"c\":null},[]],\"d\":{\"e\":true}}")},
  {"json-fault", TEXT(WITH_BODY("application/json") "{\"a\":1,\n\"b\":[01]}")},
  {"message-summary",
   TEXT(WITH_BODY(
     "application/simple-message-summary") "Messages-Waiting: yes\r\nMessage-Account: "
                                           "sip:alice@example.com\r\n"
                                           "Voice-Message: 2/8 (0/2)\r\nFax-Message: 1/0\r\n")},
  {"sipfrag",
   TEXT(WITH_BODY("message/sipfrag;version=2.0") "SIP/2.0 503 Service Unavailable\r\nReason: "
                                                 "Q.850;cause=34\r\n\r\nbody\r\n")},
};

static void test_bodies(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BODIES); i++) {
    SipMsg sip;
    g_autofree char *octets = parse_text(BODIES[i].text.data, BODIES[i].text.len, &sip);
    g_autofree char *name = g_strdup_printf("show/message/body-%s.txt", BODIES[i].name);
    Arena arena;

    assert_non_null(octets);
    arena_init(&arena, 4096);
    MessageTree tree = message_tree_build_body(&arena, &sip);
    g_autofree char *text = tree_text(&tree);
    assert_golden(name, text);
    arena_clear(&arena);
  }
}

/* Ten megabytes of XML, deep or wide: as many nodes as a tree has, and why it was not read. */
static void test_large_bodies(void **state)
{
  static const char *const PIECES[] = {"<a>", "<a/>", "x"};
  enum { BYTES = 10 * 1024 * 1024 };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    g_autoptr(GString) text = g_string_new(WITH_BODY("application/xml") "<r>");
    SipMsg sip;
    Arena arena;
    while (text->len < BYTES)
      g_string_append(text, PIECES[i]);
    assert_int_equal(sip_msg_parse(slice_of(text->str, text->len), false, &sip), SIP_OK);
    arena_init(&arena, 4096);
    MessageTree tree = message_tree_build_body(&arena, &sip);
    assert_true(tree.count >= 2 && tree.count <= TREE_NODES_MAX);
    assert_slice(tree.nodes[1].name, "fault");
    assert_slice(tree.nodes[1].value, "larger than 1 MiB");
    for (size_t k = 0; k < tree.count; k++)
      assert_true(tree.nodes[k].depth <= TREE_DEPTH_MAX);
    arena_clear(&arena);
  }
}

/* What the trace knows of a message stands before it. */
static void test_facts(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("retransmission.pcap");
  Clock clock = clock_new(TIME_ABSOLUTE, true);
  TreeFacts facts = {trace_call_at(sample.trace, 0)->last, sample.trace, &clock};
  SipMsg sip;
  Arena arena;

  (void) state;
  arena_init(&arena, 4096);
  assert_true(message_load(facts.message, sample.stores, &arena, &sip, NULL));
  MessageTree tree = message_tree_build(&arena, &sip, &facts);
  g_autofree char *text = tree_text(&tree);
  assert_golden("show/message/tree-facts.txt", text);
  arena_clear(&arena);
}

/* A Date is compared with the time of the capture. */
static void test_dates(void **state)
{
  static const struct {
    const char *date, *note;
  } CASES[] = {
    {"Thu, 01 Jan 1970 00:01:40 GMT", "same as the capture time"},
    {"Thu, 01 Jan 1970 00:01:41 GMT", "same as the capture time"},
    {"Thu, 01 Jan 1970 00:01:45 GMT", "5.0 s ahead of the capture time"},
    {"Fri, 31 Dec 9999 23:59:59 GMT", "more than 2562047h47m ahead of the capture time"},
    {"Thu, 01 Jan 1970 00:00:00 GMT", "1m40s behind the capture time"},
    {"Thu, 31 Feb 1970 00:00:00 GMT", ""},
    {"Thu, 01 Foo 1970 00:00:00 GMT", ""},
    {"1970-01-01T08:01:40", "same as the capture time"}, /* GB/T 28181: of Beijing */
    {"1970-01-01T08:01:45.500", "5.0 s ahead of the capture time"},
    {"1970-01-01", ""},
    {"", ""},
  };
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");
  Clock clock = clock_new(TIME_ABSOLUTE, true);
  Message message = *trace_call_at(sample.trace, 0)->first;
  TreeFacts facts = {&message, sample.trace, &clock};

  (void) state;
  message.time_ns = 100 * INT64_C(1000000000);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = g_strdup_printf("SIP/2.0 200 OK\r\nDate: %s\r\n\r\n", CASES[i].date);
    SipMsg sip;
    g_autofree char *octets = parse_text(text, strlen(text), &sip);
    Arena arena;

    assert_non_null(octets);
    arena_init(&arena, 4096);
    MessageTree tree = message_tree_build(&arena, &sip, &facts);
    const TreeNode *node = &tree.nodes[tree.count - 1];
    assert_slice(node->name, "Date");
    assert_slice(node->note, CASES[i].note);
    arena_clear(&arena);
  }
}

/* Each node is within what it is below of, and its octets are the message's. */
static void check_tree(const MessageTree *tree, const SipMsg *sip)
{
  assert_true(tree->count <= TREE_NODES_MAX);
  for (size_t i = 0; i < tree->count; i++) {
    const TreeNode *node = &tree->nodes[i];
    size_t parent = message_tree_parent(tree, i);

    assert_true(node->end > i && node->end <= tree->count);
    assert_true((size_t) node->octets.offset + node->octets.len <= sip->raw.len);
    assert_true((node->depth == 0) == (parent == tree->count));
    if (node->depth > 0) {
      assert_int_equal(tree->nodes[parent].depth, node->depth - 1);
      assert_true(tree->nodes[parent].end >= node->end);
    }
  }
}

static void check_octets(const char *octets, size_t len)
{
  SipMsg sip;
  g_autofree char *copy = parse_text(octets, len, &sip);
  Arena arena;

  if (!copy)
    return;
  arena_init(&arena, 4096);
  MessageTree tree = message_tree_build(&arena, &sip, NULL);
  check_tree(&tree, &sip);
  arena_clear(&arena);
}

static void test_cut_anywhere(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++)
    for (size_t len = 0; len <= strlen(MESSAGE_CASES[i].text); len++)
      check_octets(MESSAGE_CASES[i].text, len);
}

/* Each octet replaced by what parsers stumble over. */
static void test_any_octet(void **state)
{
  static const char MARKS[] = "<>\"\\;,=:/\n\r ?@[-";

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++) {
    size_t len = strlen(MESSAGE_CASES[i].text);
    g_autofree char *text = g_strdup(MESSAGE_CASES[i].text);

    for (size_t at = 0; at < len; at++) {
      text[at] = MARKS[at % (sizeof MARKS - 1)];
      check_octets(text, len);
      text[at] = MESSAGE_CASES[i].text[at];
    }
  }
}

/* The node of an octet is the deepest there. */
static void test_node_at(void **state)
{
  static const struct {
    const char *at, *name, *parent;
  } CASES[] = {
    {"INVITE sips", "method", "Request"},
    {"[2001:db8::9]", "host", "Request-URI"},
    {"5061;transport", "port", "Request-URI"},
    {"hello%20you", "Subject", "Request-URI"},
    {"z9hG4bK1", "branch", "2"},
    {"0007", "number", "CSeq"},
    {"+1-201", "user", "URI"},
    {"realm=", "Authorization", NULL},
    {"\"a \\\"b", "realm", "Authorization"},
    {"1800;", "value", "Session-Expires"},
    {"opus", "encoding", "a= rtpmap"},
    {"8998", "port", "a= candidate"},
    {"97 101", "format 97", "m= media"},
    {"sendonly", "a= sendonly", "m= media"},
  };
  const char *text = MESSAGE_CASES[0].text;
  SipMsg sip;
  g_autofree char *octets = parse_text(text, strlen(text), &sip);
  Arena arena;

  (void) state;
  assert_non_null(octets);
  arena_init(&arena, 4096);
  MessageTree tree = message_tree_build(&arena, &sip, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    size_t offset = (size_t) (strstr(text, CASES[i].at) - text);
    size_t node = message_tree_node_at(&tree, offset);

    assert_true(node < tree.count);
    assert_slice(tree.nodes[node].name, CASES[i].name);
    if (CASES[i].parent)
      assert_slice(tree.nodes[message_tree_parent(&tree, node)].name, CASES[i].parent);
  }
  assert_int_equal(message_tree_node_at(&tree, sip.raw.len), tree.count);
  arena_clear(&arena);
}

/* A message of nothing but parts: as many nodes as are allowed, and it says so. */
static void test_bounds(void **state)
{
  static const struct {
    const char *head, *repeated, *tail;
  } CASES[] = {
    {"X: y\r\nSupported: ", "a,", "\r\n\r\n"},
    {"To: <sip:a@b>", ";", "\r\n\r\n"},
    {"", "A: b\r\n", "\r\n"},
    {"Content-Type: application/sdp\r\n\r\nv=0\r\n", "m=\r\n", ""},
    {"Content-Type: application/sdp\r\n\r\nv=0\r\nm=audio 1 RTP/AVP", " 0", ""},
    {"Content-Type: text/xml\r\n\r\n", "<a>", ""},
    {"Content-Type: text/xml\r\n\r\n", "<a><b/>x", ""},
    {"Content-Type: multipart/mixed;boundary=b\r\n\r\n", "--b\r\n\r\n\r\n", ""},
    {"Content-Type: text/plain\r\n\r\n", "\n", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) text = g_string_new("OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n");
    SipMsg sip;
    Arena arena;

    g_string_append(text, CASES[i].head);
    for (int n = 0; n < 40000; n++)
      g_string_append(text, CASES[i].repeated);
    g_string_append(text, CASES[i].tail);
    g_autofree char *octets = parse_text(text->str, text->len, &sip);
    assert_non_null(octets);
    arena_init(&arena, 4096);
    MessageTree tree = message_tree_build(&arena, &sip, NULL);
    check_tree(&tree, &sip);
    assert_true(tree.cut);
    assert_int_equal(tree.count, TREE_NODES_MAX);
    arena_clear(&arena);
  }
}

static void test_published(void **state)
{
  static const char *const FOLDERS[] = {"vectors/rfc4475", "vectors/seed73"};

  (void) state;
  shared_root();
  for (size_t i = 0; i < G_N_ELEMENTS(FOLDERS); i++) {
    g_autofree char *folder = shared_path(FOLDERS[i]);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    assert_non_null(dir);
    while ((name = g_dir_read_name(dir))) {
      g_autofree char *path = g_build_filename(FOLDERS[i], name, NULL);
      if (!g_str_has_suffix(name, ".dat") && !g_str_has_suffix(name, ".msg"))
        continue;
      Slice octets = shared_octets(path);
      check_octets(octets.data, octets.len);
      g_free((void *) (uintptr_t) octets.data);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),      cmocka_unit_test(test_bodies),
    cmocka_unit_test(test_large_bodies), cmocka_unit_test(test_facts),
    cmocka_unit_test(test_dates),        cmocka_unit_test(test_cut_anywhere),
    cmocka_unit_test(test_any_octet),    cmocka_unit_test(test_node_at),
    cmocka_unit_test(test_bounds),       cmocka_unit_test(test_published),
  };

  return cmocka_run_group_tests_name("message_tree", tests, NULL, NULL);
}
