#include "capture/filter.h"

#include "capture/error.h"
#include "capture/frame.h"
#include "tests/source_read.h"

/* Ethernet, as many VLAN tags as wanted, and what follows; big-endian. */
typedef struct {
  unsigned tags;
  bool pppoe, ipv6;
  uint16_t fragment; /* flags and offset as in IPv4; with IPv6, a fragment header unless 0 */
  uint8_t protocol;
  uint16_t port;
} Packet;

static void put_ipv4(Build *b, Packet packet)
{
  put(b, "\x45\0\0\x1e\0\x01", 6);
  put_u16(b, packet.fragment);
  put_number(b, 64, 1);
  put_number(b, packet.protocol, 1);
  put(b, "\0\0\x0a\0\0\1\x0a\0\0\2", 10);
}

static void put_ipv6(Build *b, Packet packet)
{
  put(b, "\x60\0\0\0\0\x0a", 6);
  put_number(b, packet.fragment ? 44 : packet.protocol, 1);
  put_number(b, 64, 1);
  for (int i = 0; i < 8; i++)
    put_u32(b, 0x20010db8);
  if (!packet.fragment)
    return;
  put_number(b, packet.protocol, 1);
  put_number(b, 0, 1);
  put_u16(b, (uint16_t) (packet.fragment << 3 | (packet.fragment & 0x2000) >> 13));
  put_u32(b, 7);
}

static Build build_packet(Packet packet)
{
  Build b = build_new(true);

  put(&b, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
  for (unsigned i = 0; i < packet.tags; i++)
    put_u32(&b, 0x81000064);
  if (packet.pppoe) {
    put_u16(&b, 0x8864);
    put(&b, "\x11\0\0\7\0\x20\0", 7);
    put_number(&b, packet.ipv6 ? 0x57 : 0x21, 1);
  } else {
    put_u16(&b, packet.ipv6 ? 0x86dd : 0x0800);
  }
  if (packet.ipv6)
    put_ipv6(&b, packet);
  else
    put_ipv4(&b, packet);
  put_u16(&b, packet.port);
  put_u16(&b, packet.port);
  put(&b, "\0\x0a\0\0hi", 6);
  return b;
}

static Frame frame_of(const Build *b)
{
  return (Frame){.data = b->bytes->data,
                 .len = b->bytes->len,
                 .wire_len = b->bytes->len,
                 .link_type = LINK_TYPE_ETHERNET};
}

static Filter *new_filter(const char *expression)
{
  Filter *filter = filter_new(expression, NULL);

  assert_non_null(filter);
  return filter;
}

static void test_verdicts(void **state)
{
  static const struct {
    const char *expression;
    Packet packet;
    FilterVerdict verdict;
    bool live;
  } CASES[] = {
    {"port 5060", {.protocol = 17, .port = 5060}, FILTER_ACCEPTS, true},
    {"port 5060", {.protocol = 17, .port = 99, .ipv6 = true}, FILTER_REJECTS, false},
    {"port 5060", {.protocol = 17, .port = 99}, FILTER_REJECTS, false},
    {"port 5060", {.protocol = 6, .port = 99}, FILTER_REJECTS, false},
    {"port 5060", {.protocol = 17, .port = 5060, .fragment = 0x2000}, FILTER_ACCEPTS, true},
    {"port 5060",
     {.protocol = 17, .port = 5060, .fragment = 0x00b9},
     FILTER_MAY_BE_FRAGMENT,
     false},
    {"port 5060", {.protocol = 17, .port = 99, .fragment = 0x2000}, FILTER_MAY_BE_FRAGMENT, false},
    /* IPv6: only behind the fragment header there are ports */
    {"port 5060",
     {.protocol = 17, .port = 5060, .ipv6 = true, .fragment = 0x2000},
     FILTER_ACCEPTS,
     true},
    {"port 5060",
     {.protocol = 17, .port = 99, .ipv6 = true, .fragment = 0x2000},
     FILTER_MAY_BE_FRAGMENT,
     false},
    {"port 5060",
     {.protocol = 17, .port = 5060, .ipv6 = true, .fragment = 0x00b9},
     FILTER_MAY_BE_FRAGMENT,
     false},
    {"vlan and vlan and port 5060",
     {.tags = 2, .protocol = 17, .port = 5060, .ipv6 = true, .fragment = 0x2000},
     FILTER_ACCEPTS,
     true},
    {"port 5060",
     {.tags = 1, .protocol = 17, .port = 5060, .ipv6 = true, .fragment = 0x2000},
     FILTER_ACCEPTS,
     true},
    /* tunnels, where fragments may be inside */
    {"port 5060", {.protocol = 17, .port = 2152}, FILTER_MAY_BE_FRAGMENT, false},
    {"port 5060", {.protocol = 47}, FILTER_MAY_BE_FRAGMENT, false},
    {"port 5060", {.protocol = 4}, FILTER_MAY_BE_FRAGMENT, false},
    /* tags and PPPoE hide nothing, unless the expression asks for them */
    {"port 5060", {.tags = 1, .protocol = 17, .port = 5060}, FILTER_ACCEPTS, true},
    {"port 5060", {.tags = 3, .protocol = 17, .port = 5060, .ipv6 = true}, FILTER_ACCEPTS, true},
    {"port 5060", {.pppoe = true, .protocol = 17, .port = 5060}, FILTER_ACCEPTS, true},
    {"port 5060",
     {.tags = 2, .pppoe = true, .protocol = 17, .port = 5060, .ipv6 = true},
     FILTER_ACCEPTS,
     true},
    {"ip6 and port 5060",
     {.pppoe = true, .protocol = 17, .port = 5060, .ipv6 = true},
     FILTER_ACCEPTS,
     true},
    {"not port 5060", {.tags = 1, .protocol = 17, .port = 5060}, FILTER_REJECTS, false},
    {"not port 5060", {.pppoe = true, .protocol = 17, .port = 5060}, FILTER_REJECTS, false},
    {"not port 5060", {.tags = 2, .protocol = 17, .port = 99}, FILTER_ACCEPTS, true},
    {"port 5060", {.tags = 1, .protocol = 17, .port = 99}, FILTER_REJECTS, false},
    {"greater 48", {.tags = 1, .protocol = 17, .port = 99}, FILTER_ACCEPTS, true},
    {"not vlan", {.tags = 1, .protocol = 17, .port = 99}, FILTER_MAY_BE_FRAGMENT, true},
    {"vlan and port 99", {.tags = 1, .protocol = 17, .port = 99}, FILTER_ACCEPTS, true},
    {"pppoes and port 99", {.pppoe = true, .protocol = 17, .port = 99}, FILTER_ACCEPTS, true},
    {"ether proto 0x8100", {.tags = 1, .protocol = 17, .port = 99}, FILTER_ACCEPTS, true},
    {"ether[12:2] = 0x8100", {.tags = 1, .protocol = 17, .port = 99}, FILTER_ACCEPTS, true},
    {"port 5060",
     {.tags = 1, .protocol = 17, .port = 5060, .fragment = 0x2000},
     FILTER_ACCEPTS,
     true},
    {"port 5060",
     {.tags = 1, .protocol = 17, .port = 99, .fragment = 0x2000},
     FILTER_MAY_BE_FRAGMENT,
     false},
    {"vlan and port 5060", {.tags = 1, .protocol = 17, .port = 5060}, FILTER_ACCEPTS, true},
    {"vlan and port 5060",
     {.tags = 1, .protocol = 17, .port = 5060, .fragment = 0x00b9},
     FILTER_MAY_BE_FRAGMENT,
     false},
    {"tcp", {.protocol = 17, .port = 5060, .fragment = 0x00b9}, FILTER_MAY_BE_FRAGMENT, false},
    {"greater 30", {.protocol = 17}, FILTER_ACCEPTS, true},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Filter) filter = new_filter(CASES[i].expression);
    g_auto(Build) b = build_packet(CASES[i].packet);
    Frame frame = frame_of(&b);
    assert_int_equal(filter_judge(filter, &frame), CASES[i].verdict);
    assert_int_equal(filter_judge_live(filter, &frame), CASES[i].live);
  }
}

/* What is not there can match nothing, and nobody can say that it is no fragment. */
static void test_cut_frames(void **state)
{
  g_autoptr(Filter) filter = new_filter("udp port 5060");
  g_auto(Build) b = build_packet((Packet){.tags = 1, .protocol = 17, .port = 5060});
  g_auto(Build) bare = build_packet((Packet){.protocol = 17, .port = 99});
  g_auto(Build) first =
    build_packet((Packet){.protocol = 17, .port = 5060, .ipv6 = true, .fragment = 0x2000});

  (void) state;
  for (size_t len = 0; len <= b.bytes->len; len++) {
    g_autofree char *copy = exact_copy(b.bytes->data, len);
    Frame frame = frame_of(&b);
    frame.data = (const uint8_t *) copy;
    frame.len = (uint32_t) len;
    bool has_port = len >= 40; /* the source port */
    assert_int_equal(filter_judge(filter, &frame),
                     has_port ? FILTER_ACCEPTS : FILTER_MAY_BE_FRAGMENT);
    assert_int_equal(filter_judge_live(filter, &frame), has_port);
  }
  for (size_t len = 0; len <= first.bytes->len; len++) {
    g_autofree char *copy = exact_copy(first.bytes->data, len);
    Frame frame = frame_of(&first);
    frame.data = (const uint8_t *) copy;
    frame.len = (uint32_t) len;
    assert_int_equal(filter_judge(filter, &frame),
                     len >= 14 + 40 + 8 + 2 ? FILTER_ACCEPTS : FILTER_MAY_BE_FRAGMENT);
  }
  for (size_t len = 0; len < 24; len++) {
    Frame frame = frame_of(&bare);
    frame.len = (uint32_t) len;
    assert_int_equal(filter_judge(filter, &frame), FILTER_MAY_BE_FRAGMENT);
  }
}

static void test_expressions(void **state)
{
  static const struct {
    const char *expression;
    const char *error; /* part of it, or NULL */
  } CASES[] = {
    {"port 5060", NULL},
    {"wlan type mgt", NULL},
    {"ether host 02:00:00:00:00:01", NULL},
    {"port fife-oh-sixty", "capture filter \"port fife-oh-sixty\": "},
    {"port (", "capture filter \"port (\": "},
    {") or (", "capture filter \") or (\": "},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Filter) filter = filter_new(CASES[i].expression, &error);
    assert_int_equal(filter == NULL, CASES[i].error != NULL);
    if (!CASES[i].error)
      continue;
    assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
    assert_true(g_str_has_prefix(error->message, CASES[i].error));
    assert_true(strlen(error->message) > strlen(CASES[i].error));
  }
}

/* Frames that are dropped are counted; the filter is looked at before the files. */
static void test_in_a_source(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) file = build_new(true);
  static const Packet PACKETS[] = {{.protocol = 17, .port = 99},
                                   {.protocol = 17, .port = 5060, .fragment = 0x2000},
                                   {.protocol = 17, .port = 99},
                                   {.protocol = 17, .port = 99, .fragment = 0x00b9}};

  (void) state;
  put_pcap_header(&file, 0xa1b2c3d4, 1);
  for (size_t i = 0; i < G_N_ELEMENTS(PACKETS); i++) {
    g_auto(Build) packet = build_packet(PACKETS[i]);
    put_u32(&file, 1);
    put_u32(&file, 0);
    put_u32(&file, packet.bytes->len);
    put_u32(&file, packet.bytes->len);
    put(&file, packet.bytes->data, packet.bytes->len);
  }
  g_autofree char *path = folder_add(&folder, "a.pcap", build_slice(&file));
  const char *const files[] = {path, path, NULL};
  const char *const nowhere[] = {"/nowhere", NULL};
  g_auto(Reading) one = read_all(&(SourceOptions){.files = files + 1, .filter = "port 5060"});
  assert_true(g_str_has_prefix(one.frames->str, "2 1.000000000 1 44/44 "));
  assert_non_null(strstr(one.frames->str, "\n?4 1.000000000 1 44/44 "));
  assert_string_equal(one.inputs->str, "00");
  g_auto(Reading) two = read_all(&(SourceOptions){.files = files, .filter = "port 5060"});
  assert_true(g_str_has_prefix(two.frames->str, "2 1.000000000 1 44/44 "));
  assert_non_null(strstr(two.frames->str, "\n?8 1.000000000 1 44/44 "));
  assert_string_equal(two.inputs->str, "0011");
  g_auto(Reading) all = read_all(&(SourceOptions){.files = files + 1, .filter = " "});
  assert_string_equal(all.inputs->str, "0000");
  g_auto(Reading) wrong = read_all(&(SourceOptions){.files = nowhere, .filter = "port ("});
  assert_int_equal(wrong.error_code, APP_ERROR_USAGE);
}

/* An expression that a link type has no meaning for is told, once. */
static void test_link_types(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = build_new(false);

  (void) state;
  put_section(&b);
  put_interface(&b, 1, 0, SLICE_NONE);
  put_interface(&b, 101, 0, SLICE_NONE);
  put_enhanced(&b, (NgPacket){0, 1, "0123456789abcdef", 16});
  put_enhanced(&b, (NgPacket){1, 2, "0123456789abcdef", 16});
  put_enhanced(&b, (NgPacket){1, 3, "0123456789abcdef", 16});
  g_autofree char *path = folder_add(&folder, "a.pcapng", build_slice(&b));
  const char *const files[] = {path, NULL};
  g_auto(Reading) reading =
    read_all(&(SourceOptions){.files = files, .filter = "ether src 36:37:38:39:61:62"});
  assert_string_equal(reading.frames->str, "1 0.000001000 1 16/16 0123456789abcdef\n"
                                           "?2 0.000002000 101 16/16 0123456789abcdef\n"
                                           "?3 0.000003000 101 16/16 0123456789abcdef\n");
  assert_non_null(strstr(reading.faults->str, "matches nothing on link type 101: "));
  assert_ptr_equal(strchr(reading.faults->str, '\n'), strrchr(reading.faults->str, '\n'));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_verdicts),    cmocka_unit_test(test_cut_frames),
    cmocka_unit_test(test_expressions), cmocka_unit_test(test_in_a_source),
    cmocka_unit_test(test_link_types),
  };

  return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
