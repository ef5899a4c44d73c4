#include "dissect/net/sctp.h"
#include "tests/dissect/segments.h"

enum { CHUNKS = 4, PACKETS = 6 };

static const SctpLimits LIMITS = {
  .associations = 4, .bytes = 10000, .message_bytes = 1000, .wait_ns = 1000000000};

/*
 * A chunk: 'd' DATA, 'i' I-DATA, 'n' INIT, 'x' another; flags of B (begins), E (ends), U.  For
 * I-DATA `sequence` is the message and `fragment` the place in it.
 */
typedef struct {
  char type; /* 0 ends a list */
  const char *flags;
  uint32_t tsn;
  const char *data;
  uint16_t stream, sequence;
  uint32_t fragment;
} Chunk;

typedef struct {
  Chunk chunks[CHUNKS];
  char from;   /* 'a' when 0 */
  size_t lost; /* octets that the snap length took */
  int64_t pause_ms;
} Sent;

static void append_number(GByteArray *out, uint32_t value, unsigned size)
{
  for (unsigned i = size; i-- > 0;)
    g_byte_array_append(out, (const uint8_t[]){(uint8_t) (value >> 8 * i)}, 1);
}

static void append_chunk(GByteArray *out, const Chunk *chunk)
{
  bool i_data = chunk->type == 'i';
  uint8_t type = chunk->type == 'd' ? 0 : i_data ? 64 : chunk->type == 'n' ? 1 : 3;
  uint8_t flags =
    (uint8_t) ((strchr(chunk->flags, 'E') ? 1 : 0) | (strchr(chunk->flags, 'B') ? 2 : 0) |
               (strchr(chunk->flags, 'U') ? 4 : 0));
  const char *data = chunk->data ? chunk->data : "";
  size_t head = i_data || chunk->type == 'n' ? 20 : 16;
  size_t len = head + strlen(data);

  g_byte_array_append(out, (const uint8_t[]){type, flags}, 2);
  append_number(out, (uint32_t) len, 2);
  if (chunk->type == 'n')
    append_number(out, 0, 4), append_number(out, 0, 4), append_number(out, 0, 4);
  append_number(out, chunk->tsn, 4);
  if (chunk->type != 'n') {
    append_number(out, chunk->stream, 2);
    append_number(out, i_data ? 0 : chunk->sequence, 2);
    append_number(out, i_data ? chunk->sequence : 0, 4);
    if (i_data)
      append_number(out, chunk->fragment, 4);
  }
  g_byte_array_append(out, (const uint8_t *) data, (guint) strlen(data));
  while (out->len % 4 != 0)
    append_number(out, 0, 1);
}

static Packet packet_of(const Sent *sent, const Packet *previous)
{
  g_autoptr(GByteArray) octets = g_byte_array_new();
  char from = sent->from ? sent->from : 'a';

  for (size_t i = 0; i < CHUNKS && sent->chunks[i].type; i++)
    append_chunk(octets, &sent->chunks[i]);
  size_t len = octets->len - sent->lost;
  return (Packet){.kind = PACKET_SCTP,
                  .src = test_endpoint(from),
                  .dst = test_endpoint(from == 'a' ? 'b' : 'a'),
                  .payload = slice_of(exact_copy(octets->data, len), len),
                  .in_frame = true,
                  .cut = sent->lost > 0,
                  .frame = previous->frame + 1,
                  .time_ns = previous->time_ns + (sent->pause_ms + 1) * 1000000};
}

/* Messages with "|" behind each, "!" before those that are cut. */
static void pull(SctpTable *table, GString *out)
{
  SctpMessage message;

  while (sctp_next(table, &message))
    g_string_append_printf(out, "%s%.*s|", message.cut ? "!" : "", SLICE_ARG(message.octets));
}

static void play(SctpTable *table, const Sent *sent, Packet *last, GString *out)
{
  *last = packet_of(sent, last);
  sctp_feed(table, last);
  pull(table, out);
  free_octets(last->payload);
}

static const struct {
  const char *name;
  Sent packets[PACKETS];
  const char *messages; /* behind "/": at the end */
} CASES[] = {
  {"whole", {{{{'d', "BE", 7, "one"}}}, {{{'d', "BE", 8, "two"}}}}, "one|two|/"},
  {"several in a packet",
   {{{{'x', "", 1, "a"}, {'d', "BE", 7, "one"}, {'d', "UBE", 8, "three"}, {'i', "BE", 9, "four"}}}},
   "one|three|four|/"},
  {"sent again", {{{{'d', "BE", 7, "one"}}}, {{{'d', "BE", 7, "one"}}}}, "one|/"},
  {"sent again late",
   {{{{'d', "BE", 7, "one"}}},
    {{{'d', "BE", 9, "six"}}},
    {{{'d', "BE", 8, "two"}}},
    {{{'d', "BE", 7, "one"}, {'d', "BE", 8, "two"}}}},
   "one|six|two|/"},
  {"both directions", {{{{'d', "BE", 7, "one"}}}, {{{'d', "BE", 7, "two"}}, 'b'}}, "one|two|/"},
  {"fragments",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "", 8, "et"}}}, {{{'d', "E", 9, "wo"}}}},
   "onetwo|/"},
  {"fragments in disorder",
   {{{{'d', "E", 9, "wo"}}}, {{{'d', "B", 7, "on"}}}, {{{'d', "", 8, "et"}}}},
   "onetwo|/"},
  {"fragments sent again",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "B", 7, "on"}, {'d', "E", 8, "e"}}}, {{{'d', "E", 8, "e"}}}},
   "one|/"},
  {"fragments of two messages",
   {{{{'d', "B", 7, "on"}, {'d', "E", 10, "o", 1, 1}}},
    {{{'d', "B", 9, "tw", 1, 1}, {'d', "E", 8, "e"}}}},
   "two|one|/"},
  {"numbers wrap",
   {{{{'d', "E", 1, "wo"}}}, {{{'d', "B", 0xffffffff, "on"}}}, {{{'d', "", 0, "et"}}}},
   "onetwo|/"},
  {"another stream is another message",
   {{{{'d', "B", 7, "on", 1}}}, {{{'d', "E", 8, "e", 2}}}},
   "/!on|"},
  {"another sequence number is another message",
   {{{{'d', "B", 7, "on", 1, 1}}}, {{{'d', "E", 8, "e", 1, 2}}}},
   "/!on|"},
  {"unordered ones are other messages",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "UE", 8, "e"}}}},
   "/!on|"},
  {"a beginning after a beginning",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "B", 8, "tw"}}}, {{{'d', "E", 9, "o"}}}},
   "two|/!on|"},
  {"an end after an end",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "E", 9, "x"}}}, {{{'d', "E", 8, "e"}}}},
   "one|/"},
  {"I-DATA",
   {{{{'i', "B", 7, "on", 1, 5}, {'i', "B", 8, "t", 1, 6}}},
    {{{'i', "", 9, "w", 1, 6, 1}, {'i', "E", 10, "e", 1, 5, 1}}},
    {{{'i', "E", 11, "o", 1, 6, 2}}}},
   "one|two|/"},
  {"I-DATA, unordered and ordered",
   {{{{'i', "B", 7, "on", 1, 5}, {'i', "UB", 8, "t", 1, 5}}},
    {{{'i', "UE", 9, "wo", 1, 5, 1}, {'i', "E", 10, "e", 1, 5, 1}}}},
   "two|one|/"},
  {"rest is lost",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "", 8, "et"}}}, {{{'d', "BE", 10, "six"}}}},
   "six|/!onet|"},
  {"beginning is lost", {{{{'d', "E", 7, "on"}}}, {{{'d', "BE", 8, "six"}}}}, "six|/"},
  {"waits not for ever",
   {{{{'d', "B", 7, "on"}}}, {{{'d', "BE", 20, "six"}}, 0, 0, 1000}, {{{'d', "E", 8, "e"}}}},
   "!on|six|/"},
  {"snap length", {{{{'d', "BE", 7, "one"}, {'d', "BE", 8, "four"}}, 0, 2}}, "one|!fo|/"},
  {"snap length in a fragment",
   {{{{'d', "B", 7, "four"}}, 0, 2}, {{{'d', "E", 8, "six"}}}},
   "!fo|/"},
  {"no octets", {{{{'d', "BE", 7, ""}, {'d', "BE", 8, "x"}}}}, "x|/"},
  {"begins anew",
   {{{{'d', "BE", 7, "one"}}},
    {{{'n', "", 5000}}},
    {{{'d', "BE", 5000, "two"}}},
    {{{'d', "BE", 5000, "two"}}}},
   "one|two|/"},
  {"INIT sent again",
   {{{{'n', "", 7}}}, {{{'d', "BE", 7, "one"}}}, {{{'n', "", 7}}}, {{{'d', "BE", 7, "one"}}}},
   "one|/"},
  {"far number", {{{{'d', "BE", 7, "one"}}}, {{{'d', "BE", 0x60000000, "two"}}}}, "one|two|/"},
};

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(SctpTable) table = sctp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *expected = g_strdup_printf("%s: %s", CASES[i].name, CASES[i].messages);
    Packet last = {.frame = 0};

    g_string_printf(out, "%s: ", CASES[i].name);
    for (size_t n = 0; n < PACKETS && CASES[i].packets[n].chunks[0].type; n++)
      play(table, &CASES[i].packets[n], &last, out);
    g_string_append_c(out, '/');
    sctp_expire(table, INT64_MAX);
    pull(table, out);
    assert_string_equal(out->str, expected);
  }
}

/* The first chunk's length is changed: a wrong one ends the packet, whatever stands behind. */
static void test_lengths(void **state)
{
  static const Sent GOOD = {{{'d', "BE", 7, "one"}, {'d', "BE", 8, "two"}}, 0, 0, 0};
  static const struct {
    uint8_t len;
    const char *messages;
  } LENGTHS[] = {
    {0, ""},          {3, ""},      {15, ""},     {16, ""}, {17, "o|two|"}, {19, "one|two|"},
    {20, "one|two|"}, {24, "one|"}, {40, "one|"}, {41, ""}, {255, ""},
  };
  Packet none = {.frame = 0};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LENGTHS); i++) {
    g_autoptr(SctpTable) table = sctp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    Packet packet = packet_of(&GOOD, &none);
    g_autofree char *octets = exact_copy(packet.payload.data, packet.payload.len);
    free_octets(packet.payload);
    packet.payload.data = octets;
    octets[3] = (char) LENGTHS[i].len;
    sctp_feed(table, &packet);
    pull(table, out);
    assert_string_equal(out->str, LENGTHS[i].messages);
  }
}

/* Cut at every octet: what is whole comes, what is cut says so. */
static void test_cut(void **state)
{
  static const Sent GOOD = {{{'d', "BE", 7, "four"}, {'d', "BE", 8, "five"}}, 0, 0, 0};
  Packet none = {.frame = 0};
  Packet good = packet_of(&GOOD, &none);
  size_t len = good.payload.len;

  (void) state;
  free_octets(good.payload);
  for (size_t lost = 1; lost <= len; lost++) {
    g_autoptr(SctpTable) table = sctp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    Packet last = {.frame = 0};
    Sent sent = GOOD;
    sent.lost = lost;
    play(table, &sent, &last, out);
    size_t left = len - lost, second = left > 36 ? left - 36 : 0;
    g_autofree char *expected = left < 17    ? g_strdup("")
                                : left < 20  ? g_strdup_printf("!%.*s|", (int) (left - 16), "four")
                                : second > 0 ? g_strdup_printf("four|!%.*s|", (int) second, "five")
                                             : g_strdup("four|");
    assert_string_equal(out->str, expected);
  }
}

/* Numbers that came are known 2047 back, older ones are taken for sent again; 65536 off, in either
 * direction, another association begins. */
static void test_number_limits(void **state)
{
  enum { WINDOW = 2048, TSN_FAR = 64 * 1024, FIRST = 500000 };
  static const struct {
    const char *name;
    uint32_t second, third;
    const char *messages;
  } NUMBERS[] = {
    {"sent again, just known", FIRST + WINDOW - 1, FIRST, "x|x|"},
    {"not seen, just known", FIRST + WINDOW, FIRST + 1, "x|x|x|"},
    {"not seen, too old to know", FIRST + WINDOW, FIRST, "x|x|"},
    {"the place of a number is free again", FIRST + 1, FIRST + WINDOW + 1, "x|x|x|"},
    {"so it is for the last of those passed over", FIRST + WINDOW - 1, FIRST + WINDOW, "x|x|x|"},
    {"not far before", FIRST - TSN_FAR, FIRST, "x|"},
    {"far before", FIRST - TSN_FAR - 1, FIRST - TSN_FAR, "x|x|x|"},
    {"far after: what came before it is not known", FIRST + TSN_FAR + 1, FIRST, "x|x|x|"},
    {"not far after", FIRST + TSN_FAR, FIRST, "x|x|"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
    const uint32_t tsns[] = {FIRST, NUMBERS[i].second, NUMBERS[i].third};
    g_autoptr(SctpTable) table = sctp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    Packet last = {.frame = 0};
    for (size_t n = 0; n < G_N_ELEMENTS(tsns); n++) {
      Sent sent = {{{'d', "BE", tsns[n], "x"}}, 0, 0, -1};
      play(table, &sent, &last, out);
    }
    if (strcmp(out->str, NUMBERS[i].messages) != 0)
      fail_msg("%s: %s", NUMBERS[i].name, out->str);
  }
}

/* However many bytes may wait, at most 2048 chunks of one direction do. */
static void test_chunk_limit(void **state)
{
  enum { PARTS_MAX = 2048 };
  const SctpLimits limits = {
    .associations = 1, .bytes = 1 << 20, .message_bytes = 1 << 16, .wait_ns = INT64_MAX};
  g_autoptr(SctpTable) table = sctp_table_new(limits);
  g_autoptr(GString) out = g_string_new(NULL);
  Packet last = {.frame = 0};

  (void) state;
  for (uint32_t n = 1; n <= PARTS_MAX; n++) {
    Sent sent = {{{'d', n == 1 ? "B" : "", 7 + n, "x"}}, 0, 0, -1};
    assert_int_equal(out->len, 0);
    play(table, &sent, &last, out);
  }
  assert_int_equal(out->len, PARTS_MAX + strlen("!|"));
}

/* Fragments that never end, associations without end: old ones go. */
static void test_bounds(void **state)
{
  g_autoptr(SctpTable) table = sctp_table_new(LIMITS);
  g_autoptr(GString) out = g_string_new(NULL);
  Packet last = {.frame = 0};

  (void) state;
  for (uint32_t n = 0; n < 3000; n++) {
    Sent sent = {{{'d', n == 0 ? "B" : "", 7 + n, "x"}}, 0, 0, -1};
    play(table, &sent, &last, out);
  }
  assert_true(g_str_has_prefix(out->str, "!xxxxxxxxxx"));
  assert_true(out->len > 50 && out->len <= LIMITS.message_bytes + 2);
  g_string_set_size(out, 0);
  for (uint32_t n = 0; n < 10; n++) {
    Sent sent = {{{'d', "B", 7, "y"}}, 0, 0, -1};
    last = packet_of(&sent, &last);
    last.tunnel = n + 1;
    sctp_feed(table, &last);
    pull(table, out);
    free_octets(last.payload);
  }
  assert_string_equal(out->str, "!y|!y|!y|!y|!y|!y|");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),       cmocka_unit_test(test_lengths),
    cmocka_unit_test(test_cut),         cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_chunk_limit), cmocka_unit_test(test_number_limits),
  };

  return cmocka_run_group_tests_name("sctp", tests, NULL, NULL);
}
