#include "tests/test.h"

#include "dissect/diagnose/conversations.h"
#include "dissect/diagnose/leg_notes.h"

enum { SEED = 42 };

/* The first message of a call, as a case writes it, and what it is closed with. */
typedef struct {
  const char *call_id, *from, *to;
  const char *header; /* with its line end, or "" */
  unsigned second;    /* when it begins, and when it ends */
  unsigned end;
  const char *refer; /* header of a REFER at its end, or NULL: BYE */
  bool back;         /* the host that the others go to sends it */
  const char *sdp;   /* "user session address of o=, of c=, port", or NULL */
} FirstLast;

typedef struct {
  const char *name;
  FirstLast legs[6];   /* those are looked for that belong to the first */
  const char *answers; /* of the others: LETTERS of the evidence, "-" for none */
} Case;

static const char LETTERS[] = {
  [LEG_EVIDENCE_NONE] = '-',           [LEG_EVIDENCE_CALLED] = 'c',
  [LEG_EVIDENCE_CALLER] = 'f',         [LEG_EVIDENCE_USERS] = 'u',
  [LEG_EVIDENCE_REFER_TO] = 'T',       [LEG_EVIDENCE_REDIRECT] = '3',
  [LEG_EVIDENCE_MEDIA] = 'M',          [LEG_EVIDENCE_ORIGIN] = 'O',
  [LEG_EVIDENCE_REFERRED] = 'R',       [LEG_EVIDENCE_TARGET_DIALOG] = 'D',
  [LEG_EVIDENCE_JOIN] = 'J',           [LEG_EVIDENCE_REPLACES] = 'P',
  [LEG_EVIDENCE_REFER_REPLACES] = 'p', [LEG_EVIDENCE_X_CALL_ID] = 'X',
  [LEG_EVIDENCE_SESSION_ID] = 'S',     [LEG_EVIDENCE_CALL_ID] = 'I',
  [LEG_EVIDENCE_GUID] = 'G',           [LEG_EVIDENCE_HEADER] = 'H',
  [LEG_EVIDENCE_ICID] = 'V',           [LEG_EVIDENCE_DIVERSION] = 'd',
  [LEG_EVIDENCE_HISTORY_INFO] = 'h',
};

#define NIL "00000000000000000000000000000000"
#define ONE "ab30317f1a784dc48ff824d0d3715d86"
#define TWO "47755a9de7794ba387653f2099600ef2"
#define BY_ALICE "Referred-By: \"A\" <sip:alice@EXAMPLE.com>;cid=1\r\n"

static const Case CASES[] = {
  {"X-Call-ID names the other, either way",
   {{"a", "alice", "bob", "X-CID: c\r\n", 10, 60},
    {"b", "x", "y", "X-Call-ID: a\r\n", 11, 60},
    {"c", "x", "y", "", 9, 60},
    {"d", "x", "y", "X-Call-ID: c\r\n", 12, 60},
    {"e", "x", "y", "X-Call-ID: other\r\n", 12, 60},
    {"A", "x", "y", "", 12, 60}},
   "XX---"},
  {"Session-ID, either half",
   {{"a", "alice", "bob", "Session-ID: " ONE ";remote=" NIL "\r\n", 10, 60},
    {"b", "x", "y", "Session-ID: " ONE ";remote=" NIL "\r\n", 11, 60},
    {"c", "x", "y", "Session-ID: " TWO ";remote=" ONE "\r\n", 11, 60},
    {"d", "x", "y", "Session-ID: " TWO ";remote=" NIL "\r\n", 11, 60},
    {"e", "x", "y", "Session-ID: " NIL "\r\n", 11, 60},
    {"f", "x", "y", "Session-ID: ab30317f\r\n", 11, 60}},
   "SS---"},
  {"a header names the Call-ID, the strongest counts",
   {{"a", "alice", "bob", "Replaces: d;to-tag=1;from-tag=2\r\n", 10, 60},
    {"b", "x", "y", "Replaces: a;to-tag=1;from-tag=2\r\n", 11, 60},
    {"c", "x", "y", "Join: a;to-tag=1;from-tag=2\r\n", 11, 60},
    {"d", "x", "y", "", 11, 60},
    {"e", "alice", "bob", "Target-Dialog: a;local-tag=1\r\n", 11, 60},
    {"f", "x", "y", "X-CID: a\r\nJoin: a;to-tag=1\r\n", 11, 60}},
   "PJPDJ"},
  {"who follows a REFER of it",
   {{"a", "alice", "bob", "", 10, 60, "Refer-To: <sip:carol@example.COM>\r\n" BY_ALICE},
    {"b", "bob", "carol", "b: <sip:alice@example.com>\r\n", 61, 70},
    {"c", "bob", "carol", "", 61, 70, NULL, true},
    {"d", "bob", "dave", "b: <sip:alice@example.com>\r\n", 61, 70},
    {"e", "bob", "carol", "b: <sip:bob@example.com>\r\n", 66, 70, NULL, true},
    {"f", "bob", "carol", "b: <sip:alice@example.com>\r\n", 93, 99}},
   "RT---"},
  {"whose REFER it follows",
   {{"a", "bob", "carol", "Referred-By: sip:alice@example.com\r\n", 60, 70},
    {"b", "alice", "bob", "", 1, 55, "Refer-To: <sip:carol@example.com>\r\n" BY_ALICE},
    {"c", "x", "bob", "", 56, 59, "Refer-To: <sip:carol@example.com>\r\n"},
    {"d", "x", "bob", "", 56, 59, "Refer-To: <sip:dave@example.com>\r\n"},
    {"e", "x", "bob", "", 56, 59, "Refer-To: \r\n"},
    {"f", "alice", "bob", "", 56, 61, "r: sip:carol@example.com\r\n"}},
   "R----"},
  {"not if there are two of them",
   {{"a", "bob", "carol", "Referred-By: sip:alice@example.com\r\n", 60, 70, NULL, true},
    {"b", "alice", "bob", "", 1, 58, "Refer-To: <sip:carol@example.com>\r\n" BY_ALICE},
    {"c", "alice", "bob", "", 1, 59, "Refer-To: <sip:carol@example.com>\r\n"},
    {"d", "x", "y", "", 11, 12},
    {"e", "x", "y", "", 13, 14},
    {"f", "x", "y", "", 15, 16}},
   "-r---"},
  {"a REFER to replace another call",
   {{"a", "alice", "bob", "", 10, 60, "Refer-To: <sip:c@d?a=b&replaces=b%3Bto-tag%3D1>\r\n"},
    {"b", "x", "y", "", 11, 60},
    {"c", "x", "z", "", 11, 60, "Refer-To: <sip:c@d?Replaces=a%3Bto-tag%3D1>\r\n"},
    {"d", "x", "z", "", 11, 60, "Refer-To: <sip:c@d?Join=%61>\r\n"},
    {"e", "x", "z", "", 11, 60, "Refer-To: <sip:c@d?Replaces=>\r\n"},
    {"b;to-tag=1", "x", "y", "", 11, 60}},
   "ppJ--"},
  {"equal users are a hint",
   {{"a", "alice", "bob", "", 10, 60},
    {"b", "alice", "bob", "", 11, 60, NULL, true},
    {"c", "bob", "alice", "", 11, 60},
    {"d", "alice", "", "", 11, 60},
    {"e", "alice", "bob", "", 66, 70, NULL, true},
    {"f", "alice", "bob", "", 11, 60}},
   "u----"},
  {"so is one user through the same host",
   {{"a", "alice", "bob", "", 10, 60},
    {"b", "alice", "100", "", 11, 60, NULL, true},
    {"c", "100", "bob", "", 5, 60, NULL, true},
    {"d", "alice", "bob", "", 11, 60, NULL, true},
    {"e", "alice", "100", "", 16, 60, NULL, true},
    {"f", "bob", "alice", "", 11, 60, NULL, true}},
   "fcu--"},
  {"the same icid-value, quoted or not",
   {{"a", "alice", "bob", "P-Charging-Vector: icid-value=1234bc;orig-ioi=home1\r\n", 10, 60},
    {"b", "x", "y", "P-Charging-Vector: orig-ioi=h; icid-value=\"1234bc\"\r\n", 11, 60},
    {"c", "x", "y", "P-Charging-Vector: icid-value=1234bd\r\n", 11, 60},
    {"d", "x", "y", "P-Charging-Vector: icid-value=\"\"\r\n", 11, 60},
    {"e", "x", "y", "P-Charging-Vector: orig-ioi=home1\r\n", 11, 60},
    {"f", "x", "y", "P-Charging-Vector: icid-value=1234BC\r\n", 11, 60}},
   "V----"},
  {"a Call-ID with a suffix",
   {{"f81d4fae7dec11d0@h", "alice", "bob", "", 10, 60},
    {"f81d4fae7dec11d0@h_b2b-1", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d0-2@g", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d02@g", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d0@g", "x", "y", "", 11, 60},
    {"f81d4fae7dec11d0", "x", "y", "", 11, 60}},
   "II-II"},
  {"or with a prefix, either way",
   {{"b2b-f81d4fae7dec11d0@h", "alice", "bob", "", 10, 60},
    {"f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"x.b2b-f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"ab2b-f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"b2c-f81d4fae7dec11d0@h", "x", "y", "", 11, 60},
    {"b2b-f81d4fae7dec11d0-0123456789012345678901234567890123456789@h", "x", "y", "", 11, 60}},
   "II---"},
  {"but not Call-IDs of a counter",
   {{"call-1@192.0.2.10", "alice", "bob", "", 10, 60},
    {"call-12@192.0.2.10", "x", "y", "", 11, 60},
    {"1-call-1@192.0.2.10", "x", "y", "", 11, 60},
    {"call-1-2@192.0.2.10", "x", "y", "", 11, 60},
    {"call-1@192.0.2.20", "x", "y", "", 11, 60},
    {"call-1", "x", "y", "", 11, 60}},
   "-----"},
  {"however long",
   {{"1000000000000000001@h", "alice", "bob", "", 10, 60},
    {"1-1000000000000000001@h", "x", "y", "", 11, 60},
    {"1000000000000000001@g", "x", "y", "", 11, 60},
    {"12345678901234567", "x", "y", "", 11, 60},
    {"1-12345678901234567", "x", "y", "", 11, 60},
    {"2", "x", "y", "", 11, 60}},
   "-----"},
  {"a GUID",
   {{"a", "alice", "bob", "Cisco-Guid: 0123456789-2222222222-333\r\n", 10, 60},
    {"b", "x", "y", "cisco-guid: 0123456789-2222222222-333\r\n", 11, 60},
    {"c", "x", "y", "X-Call-GUID: 0123456789-2222222222-333\r\n", 11, 60},
    {"d", "x", "y", "Cisco-Guid: 0123456789-2222222222-444\r\n", 11, 60},
    {"e", "x", "y", "X-Other: 0123456789-2222222222-333\r\n", 11, 60},
    {"f", "x", "y", "X-Any-UUID: 0123456789-2222222222-333\r\n", 11, 60}},
   "GG--G"},
  {"a header that was named, each for itself",
   {{"a9", "alice", "bob", "X-Ref: 7\r\nX-Trace: 8\r\n", 10, 60},
    {"b", "x", "y", "x-ref: 7\r\n", 11, 60},
    {"c", "x", "y", "X-Trace: 7\r\n", 11, 60},
    {"d", "x", "y", "X-TRACE:  8 \r\n", 11, 60},
    {"e", "x", "y", "X-Ref: a9\r\n", 11, 60},
    {"f", "x", "y", "X-Refs: 7\r\n", 11, 60}},
   "H-HH-"},
  {"only near the time of the call",
   {{"a", "alice", "bob", "Session-ID: " ONE "\r\n", 10, 60},
    {"b", "x", "y", "Session-ID: " ONE "\r\n", 65, 80},
    {"c", "x", "y", "Session-ID: " ONE "\r\n", 66, 80},
    {"d", "x", "y", "Session-ID: " ONE "\r\n", 1, 5},
    {"e", "x", "y", "Session-ID: " ONE "\r\n", 1, 4},
    {"f", "x", "y", "session-id: " ONE "\r\n", 20, 80}},
   "S-S-S"},
  {"a description that the host sends on",
   {{"a", "alice", "bob", "", 10, 60, NULL, false, "alice 28908445 10.0.0.1 10.0.0.1 4000"},
    {"b", "x", "y", "", 10, 60, NULL, true, "alice 28908445 10.0.0.1 10.0.0.9 6000"},
    {"c", "x", "y", "", 11, 60, NULL, true, "pbx 77777123 10.0.0.9 10.0.0.1 4000"},
    {"d", "x", "y", "", 16, 60, NULL, true, "alice 28908445 10.0.0.1 10.0.0.1 4000"},
    {"e", "x", "y", "", 9, 60, NULL, true, "alice 28908445 10.0.0.1 10.0.0.1 4000"},
    {"f", "x", "y", "", 11, 60, NULL, false, "alice 28908445 10.0.0.8 10.0.0.8 4000"}},
   "OM---"},
  {"not one that is the same in all calls",
   {{"a", "alice", "bob", "", 10, 60, NULL, false, "- 0 127.0.0.1 127.0.0.1 4000"},
    {"b", "x", "y", "", 11, 60, NULL, true, "- 0 127.0.0.1 127.0.0.1 6000"},
    {"c", "x", "y", "", 11, 60, NULL, true, "- 11111111 127.0.0.1 127.0.0.1 6002"},
    {"d", "x", "y", "", 10, 60, NULL, false, "- 11111111 127.0.0.1 127.0.0.1 6004"},
    {"e", "x", "y", "", 11, 60, NULL, true, "- 0 0.0.0.0 0.0.0.0 4000"},
    {"f", "x", "y", "", 11, 60, NULL, true, "- 0 127.0.0.1 127.0.0.1 9"}},
   "-----"},
  {"nor one that two calls had before",
   {{"a", "x", "y", "", 12, 60, NULL, true, "root 19121922 10.0.0.7 10.0.0.7 4000"},
    {"b", "alice", "bob", "", 10, 60, NULL, false, "root 19121922 10.0.0.7 10.0.0.7 4000"},
    {"c", "carol", "dave", "", 11, 60, NULL, false, "root 19121922 10.0.0.7 10.0.0.7 4000"},
    {"d", "carol", "dave", "", 1, 3, NULL, false, "root 19121922 10.0.0.7 10.0.0.7 4000"},
    {"e", "p", "q", "", 22, 60},
    {"f", "p", "q", "", 22, 60}},
   "-o---"},
  {"ports of the next call",
   {{"a", "x", "y", "", 13, 60, NULL, true, "root 19121924 10.0.0.7 10.0.0.7 4000"},
    {"b", "alice", "bob", "", 10, 12, NULL, false, "root 19121922 10.0.0.7 10.0.0.7 4000"},
    {"c", "carol", "dave", "", 13, 60, NULL, false, "root 19121923 10.0.0.7 10.0.0.7 4000"},
    {"d", "r", "s", "", 10, 12, NULL, true, "root 19121925 10.0.0.7 10.0.0.7 4000"},
    {"e", "p", "q", "", 22, 60},
    {"f", "p", "q", "", 22, 60}},
   "-M---"},
  {"whom it was for before",
   {{"a", "alice", "bob", "", 10, 60},
    {"b", "alice", "carol", "Diversion: <sip:bob@h>;reason=no-answer\r\n", 40, 60, NULL, true},
    {"c", "alice", "carol",
     "History-Info: <sip:bob@h;cause=302>;index=1,<sip:carol@h>;index=1.1\r\n", 41, 60, NULL, true},
    {"d", "dave", "carol", "Diversion: <sip:bob@h>;reason=no-answer\r\n", 40, 60, NULL, true},
    {"e", "alice", "carol", "Diversion: <sip:erin@h>\r\n", 40, 60, NULL, true},
    {"f", "alice", "carol", "Diversion: <sip:bob@h>\r\n", 61, 70, NULL, true}},
   "dh---"},
};

typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store;
  Conversations *noting; /* that get each message as it is added; or NULL */
} Bed;

static char *sdp_of(const char *sdp)
{
  g_auto(GStrv) words = g_strsplit(sdp ? sdp : "", " ", 5);

  if (!sdp)
    return g_strdup("");
  return g_strdup_printf("v=0\r\no=%s %s 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
                         "m=audio %s RTP/AVP 0\r\n",
                         words[0], words[1], words[2], words[3], words[4]);
}

/* Its first message, or with `closes` its last. */
static void add(const Bed *bed, const FirstLast *leg, bool closes)
{
  const char *method = !closes ? "INVITE" : leg->refer ? "REFER" : "BYE";
  const char *header = !closes ? leg->header : leg->refer ? leg->refer : "";
  unsigned second = closes ? leg->end : leg->second;
  g_autofree char *body = closes ? g_strdup("") : sdp_of(leg->sdp);
  g_autofree char *text =
    g_strdup_printf("%s sip:x@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%s%u\r\n"
                    "From: <sip:%s%sexample.com>;tag=f\r\nTo: <sip:%s%sexample.com>%s\r\n"
                    "Call-ID: %s\r\nCSeq: %u %s\r\n%s%sContent-Length: %zu\r\n\r\n%s",
                    method, leg->call_id, second, leg->from, *leg->from ? "@" : "", leg->to,
                    *leg->to ? "@" : "", closes ? ";tag=t" : "", leg->call_id, second, method,
                    header, *body ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
  Arrival arrival = {.raw = {.octets = slice_from_string(text)}};

  assert_true(endpoint_parse(SLICE("10.0.0.1"), 5060, &arrival.raw.src));
  assert_true(endpoint_parse(SLICE("10.0.0.2"), 5060, &arrival.raw.dst));
  if (leg->back) {
    arrival.raw.src = arrival.raw.dst;
    assert_true(endpoint_parse(SLICE("10.0.0.3"), 5060, &arrival.raw.dst));
  }
  arrival.raw.time_ns = second * INT64_C(1000000000);
  assert_true(store_append(bed->stores, bed->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(bed->stores, NULL));
  assert_true(arrival_parse(&arrival, SEED));
  trace_note_time(bed->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  const Message *message = trace_add(bed->trace, &arrival);
  if (bed->noting)
    conversations_note(bed->noting, message, &arrival.sip);
}

static Bed bed_new(void)
{
  Bed bed = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new()};

  assert_true(store_set_add_spool(bed.stores, &bed.store, NULL));
  return bed;
}

static void bed_clear(Bed *bed)
{
  trace_free(bed->trace);
  store_set_free(bed->stores);
}

/* What was found of the call, among facts or hints, if it is linked to that other one. */
static Leg find(const GArray *legs, uint32_t number, uint32_t of)
{
  for (guint i = 0; i < legs->len; i++)
    if (g_array_index(legs, Leg, i).number == number && g_array_index(legs, Leg, i).of == of)
      return g_array_index(legs, Leg, i);
  return (Leg){0};
}

static int compare_times(const void *a, const void *b)
{
  const unsigned *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

/* In order of time, as in a capture; numbers of calls are those of the case. */
static void add_all(const Bed *bed, const Case *c)
{
  unsigned seconds[2 * G_N_ELEMENTS(c->legs)];
  const size_t count = G_N_ELEMENTS(c->legs);

  for (size_t i = 0; i < count; i++) {
    add(bed, &c->legs[i], false);
    seconds[2 * i] = c->legs[i].second;
    seconds[2 * i + 1] = c->legs[i].end;
  }
  qsort(seconds, 2 * count, sizeof *seconds, compare_times);
  for (size_t k = 0; k < 2 * count; k++)
    for (size_t i = 0; i < count; i++)
      if (c->legs[i].end == seconds[k] && (k == 0 || seconds[k] != seconds[k - 1]))
        add(bed, &c->legs[i], true);
}

/* A hint is a small letter where a fact is a capital. */
static char answer_of(Conversations *conversations, uint32_t number)
{
  g_autoptr(GArray) facts = conversations_links(conversations, 1, NULL);
  g_autoptr(GArray) hints = conversations_hints(conversations, 1);
  Leg fact = find(facts, number, 1), hint = find(hints, number, 1);

  assert_true(fact.number == 0 || hint.number == 0);
  assert_int_equal(find(facts, 1, 1).number + find(hints, 1, 1).number, 0);
  if (fact.number != 0) {
    g_autoptr(GArray) proofs = NULL;
    Arena arena;

    arena_init(&arena, 1024);
    proofs = conversations_prove(conversations, &fact, &arena);
    assert_int_equal(g_array_index(proofs, LegProof, 0).evidence, fact.strongest);
    assert_true(g_array_index(proofs, LegProof, 0).value.len > 0);
    assert_true(fact.score >= LEG_EVIDENCES[fact.strongest].percent / 100.0 - 1e-9);
    arena_clear(&arena);
  }
  char letter = LETTERS[MAX(fact.strongest, hint.strongest)];
  return hint.number != 0 ? g_ascii_tolower(letter) : letter;
}

static void run(const Case *c)
{
  Bed bed = bed_new();
  g_auto(GStrv) headers = leg_headers_parse(" X-Ref;; X-Trace");

  add_all(&bed, c);
  g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);
  conversations_set_headers(conversations, (const char *const *) headers);
  conversations_update(conversations);
  for (uint32_t i = 0; c->answers[i]; i++) {
    char answer = answer_of(conversations, i + 2);
    bool is_leg = conversations_of(conversations, i + 2) == 1;

    if (answer != c->answers[i])
      fail_msg("%s: call %u: %c", c->name, i + 2, answer);
    assert_true(is_leg || !g_ascii_isupper(answer));
  }
  bed_clear(&bed);
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    run(&CASES[i]);
}

/* A value that very many calls have is no evidence, whoever says so; what they have beside it
 * is. */
static void test_worn(void **state)
{
  static const struct {
    unsigned calls;
    uint32_t legs;
    uint64_t worn;
  } cases[] = {{LEG_CALLS_MAX, LEG_CALLS_MAX, 0},
               {LEG_CALLS_MAX + 1, 1, LEG_CALLS_MAX + 1},
               {20000, 1, 20000}};

  (void) state;
  for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
    Bed bed = bed_new();
    for (unsigned i = 0; i < cases[k].calls; i++) {
      g_autofree char *id = g_strdup_printf("id%u", i);
      const FirstLast leg = {id,   "alice", "bob", "Session-ID: " ONE "\r\n", 1, 5,
                             NULL, false,   NULL};
      add(&bed, &leg, false);
    }
    g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);
    conversations_update(conversations); /* to compare pairs would take minutes */
    assert_int_equal(conversations_legs(conversations, cases[k].calls), cases[k].legs);
    assert_int_equal(conversations_worn(conversations), cases[k].worn);
    g_autoptr(GArray) hints = conversations_hints(conversations, cases[k].calls);
    assert_true(hints->len <= LEG_CALLS_MAX);
    bed_clear(&bed);
  }
}

/* The text of what many calls have is kept from the first that is asked for it, and is not that of
 * another value. */
static void test_worn_values(void **state)
{
  static const char *const VALUES[] = {ONE, TWO};
  enum { CALLS = 2 * (LEG_CALLS_MAX + 1) };
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
  Bed bed = bed_new();
  Arena arena;

  (void) state;
  arena_init(&arena, 4096);
  for (unsigned i = 0; i < CALLS; i++) {
    g_autofree char *header = g_strdup_printf("Session-ID: %s\r\n", VALUES[i % 2]);
    char *id = g_strdup_printf("id%u", i);
    g_ptr_array_add(ids, id);
    const FirstLast leg = {id, "alice", "bob", header, 1, 5, NULL, false, NULL};
    add(&bed, &leg, false);
  }
  g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);
  conversations_update(conversations);
  for (uint32_t i = 0; i < CALLS; i++) {
    g_autoptr(GArray) worn = conversations_worn_of(conversations, i + 1, &arena);
    assert_int_equal(worn->len, 1);
    const LegProof *proof = &g_array_index(worn, LegProof, 0);
    assert_int_equal(proof->evidence, LEG_EVIDENCE_SESSION_ID);
    assert_int_equal(proof->calls, LEG_CALLS_MAX + 1);
    assert_true(slice_eq(proof->value, slice_from_string(VALUES[i % 2])));
  }
  arena_clear(&arena);
  bed_clear(&bed);
}

/* A chain of calls, each with what the one before says: all of them are one conversation, of which
 * so many legs are listed. */
static void test_chain(void **state)
{
  enum { CHAIN = 2 * CONVERSATION_LEGS_MAX };
  Bed bed = bed_new();
  size_t left_out;

  (void) state;
  for (unsigned i = 0; i < CHAIN; i++) {
    g_autofree char *id = g_strdup_printf("id%u", i);
    g_autofree char *header = g_strdup_printf("X-CID: id%u\r\n", i + 1);
    const FirstLast leg = {id, "alice", "bob", header, 1, 5, NULL, false, NULL};
    add(&bed, &leg, false);
  }
  g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);
  conversations_update(conversations);
  assert_int_equal(conversations_legs(conversations, CHAIN), CHAIN);
  assert_int_equal(conversations_of(conversations, CHAIN), 1);
  g_autoptr(GArray) legs = conversations_links(conversations, 1, &left_out);
  g_autoptr(GArray) numbers = conversations_numbers(conversations, 1);
  assert_int_equal(legs->len, CONVERSATION_LEGS_MAX);
  assert_int_equal(numbers->len, CONVERSATION_LEGS_MAX);
  assert_int_equal(left_out, CHAIN - 1 - CONVERSATION_LEGS_MAX);

  /* Cut in the middle, there are two, and whole again, one. */
  conversations_cut(conversations, 101, true);
  conversations_update(conversations);
  assert_int_equal(conversations_legs(conversations, 1), 100);
  assert_int_equal(conversations_legs(conversations, 101), 1);
  assert_int_equal(conversations_of(conversations, CHAIN), 102);
  conversations_cut(conversations, 101, false);
  conversations_update(conversations);
  assert_int_equal(conversations_legs(conversations, 1), CHAIN);
  bed_clear(&bed);
}

/* Rounds while calls come in give what one round at the end gives, and say which calls changed. */
static void test_rounds(void **state)
{
  Bed bed = bed_new();
  const FirstLast first = {"a", "alice", "bob", "Session-ID: " ONE "\r\n", 1, 9, NULL, false, NULL};
  const FirstLast second = {"b", "x", "y", "", 2, 9, NULL, false, NULL};
  const FirstLast third = {"c",  "x",   "y", "Session-ID: " ONE "\r\nX-CID: b\r\n", 3, 9,
                           NULL, false, NULL};
  g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);

  (void) state;
  assert_false(conversations_step(conversations, G_MAXINT64));
  add(&bed, &first, false);
  add(&bed, &second, false);
  conversations_update(conversations);
  assert_int_equal(conversations_version(conversations), 0);
  assert_int_equal(conversations_legs(conversations, 1), 1);
  add(&bed, &third, false);
  while (conversations_step(conversations, 0) || conversations_version(conversations) == 0)
    continue;
  assert_int_equal(conversations_changed(conversations)->len, 3);
  for (uint32_t number = 1; number <= 3; number++) {
    assert_int_equal(conversations_of(conversations, number), 1);
    assert_int_equal(conversations_legs(conversations, number), 3);
  }
  assert_true(conversations_progress(conversations) == 1.0);
  bed_clear(&bed);
}

/* Two users whose calls are many: each has the leg beside it as a hint, and no other. */
static void test_busy_users(void **state)
{
  enum { PAIRS = 300, APART = 100, LENGTH = 50 };
  Bed bed = bed_new();

  (void) state;
  for (unsigned i = 0; i < PAIRS; i++) {
    g_autofree char *a = g_strdup_printf("a%u", i), *b = g_strdup_printf("b%u", i);
    unsigned second = 1 + i * APART;
    const FirstLast legs[] = {
      {a, "alice", "bob", "", second, second + LENGTH, NULL, false, NULL},
      {b, "alice", "bob", "", second + 1, second + LENGTH, NULL, true, NULL},
    };
    for (unsigned k = 0; k < 4; k++)
      add(&bed, &legs[k % 2], k >= 2);
  }
  g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);
  conversations_update(conversations);
  for (uint32_t number = 1; number <= 2 * PAIRS; number++) {
    g_autoptr(GArray) hints = conversations_hints(conversations, number);
    assert_int_equal(hints->len, 1);
    assert_int_equal(g_array_index(hints, Leg, 0).number, ((number - 1) ^ 1) + 1);
  }
  bed_clear(&bed);
}

/* A call that was captured late, between two legs, does not hide one from the other. */
static void test_late_call(void **state)
{
  static const FirstLast CALLS[] = {
    {"z", "erin", "frank", "", 1, 2, NULL, false, NULL},
    {"a", "alice", "bob", "", 100, 110, NULL, false, NULL},
    {"x", "dave", "bob", "", 3, 4, NULL, false, NULL},
    {"b", "carol", "bob", "", 101, 110, NULL, true, NULL},
  };
  Bed bed = bed_new();

  (void) state;
  for (unsigned i = 0; i < G_N_ELEMENTS(CALLS); i++)
    add(&bed, &CALLS[i], false);
  add(&bed, &CALLS[1], true);
  add(&bed, &CALLS[3], true);
  g_autoptr(Conversations) conversations = conversations_new(bed.trace, bed.stores);
  conversations_update(conversations);
  g_autoptr(GArray) hints = conversations_hints(conversations, 4);
  assert_int_equal(hints->len, 1);
  assert_int_equal(g_array_index(hints, Leg, 0).number, 2);
  bed_clear(&bed);
}

static void assert_same_legs(const GArray *a, const GArray *b)
{
  assert_int_equal(a->len, b->len);
  for (guint i = 0; i < a->len; i++) {
    const Leg *left = &g_array_index(a, Leg, i), *right = &g_array_index(b, Leg, i);
    assert_int_equal(left->number, right->number);
    assert_int_equal(left->of, right->of);
    assert_int_equal(left->evidence, right->evidence);
  }
}

/* What was noted is what is read again otherwise, and nothing is read again then. */
static void test_notes(void **state)
{
  g_auto(GStrv) headers = leg_headers_parse("X-Ref; X-Trace");

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Bed bed = bed_new();
    bed.noting = conversations_new(bed.trace, NULL);
    conversations_set_headers(bed.noting, (const char *const *) headers);
    add_all(&bed, &CASES[i]);
    g_autoptr(Conversations) reading = conversations_new(bed.trace, bed.stores);
    conversations_set_headers(reading, (const char *const *) headers);
    conversations_update(reading);
    conversations_update(bed.noting);
    for (uint32_t number = 1; number <= trace_call_count(bed.trace); number++) {
      g_autoptr(GArray) links = conversations_links(bed.noting, number, NULL);
      g_autoptr(GArray) hints = conversations_hints(bed.noting, number);
      g_autoptr(GArray) same_links = conversations_links(reading, number, NULL);
      g_autoptr(GArray) same_hints = conversations_hints(reading, number);
      assert_same_legs(links, same_links);
      assert_same_legs(hints, same_hints);
      assert_int_equal(conversations_services(bed.noting, number),
                       conversations_services(reading, number));
    }
    conversations_free(bed.noting);
    bed_clear(&bed);
  }
}

/* Notes that are too many are forgotten, not those that come later. */
static void test_notes_bound(void **state)
{
  static const struct {
    size_t most;
    bool keeps_first;
  } BOUNDS[] = {{1, false}, {1 << 20, true}};
  static const FirstLast LEG = {"id", "alice", "bob", "Session-ID: " ONE "\r\n", 1, 5};
  LegReader reader;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BOUNDS); i++) {
    Bed bed = bed_new();
    SipMsg sip;
    Arena arena;

    arena_init(&arena, 1024);
    leg_reader_init(&reader, bed.trace, NULL);
    LegNotes *notes = leg_notes_new(&reader, BOUNDS[i].most);
    for (uint32_t number = 1; number <= 3; number++) {
      g_autofree char *id = g_strdup_printf("id%u", number);
      FirstLast leg = LEG;
      leg.call_id = id;
      add(&bed, &leg, false);
      const Message *message = trace_call(bed.trace, number)->first;
      assert_true(message_load(message, bed.stores, &arena, &sip, NULL));
      leg_notes_take(notes, message, &sip);
      assert_int_equal(leg_notes_of(notes, number)->message, message->number);
    }
    assert_int_equal(leg_notes_of(notes, 1) != NULL, BOUNDS[i].keeps_first);
    assert_null(leg_notes_of(notes, 4));
    leg_notes_free(notes);
    leg_reader_clear(&reader);
    arena_clear(&arena);
    bed_clear(&bed);
  }
}

/* What two threads read at once is what one reads in steps. */
static void test_threads(void **state)
{
  enum { CALLS = 3000 };
  Bed bed = bed_new();

  (void) state;
  for (unsigned i = 0; i < CALLS; i++) {
    g_autofree char *id = g_strdup_printf("id%u", i), *user = g_strdup_printf("u%u", i % 100);
    g_autofree char *header = g_strdup_printf("X-CID: id%u\r\n", i * 7 % CALLS);
    const FirstLast leg = {id, user, "bob", i % 3 == 0 ? header : "", 1, 5, NULL, false, NULL};
    add(&bed, &leg, false);
  }
  g_autoptr(Conversations) at_once = conversations_new(bed.trace, bed.stores);
  g_autoptr(Conversations) stepped = conversations_new(bed.trace, bed.stores);
  conversations_update(at_once);
  while (conversations_step(stepped, 0))
    continue;
  assert_int_equal(conversations_legs(at_once, 2), 1);
  assert_true(conversations_legs(at_once, 4) > 1);
  for (uint32_t number = 1; number <= CALLS; number++) {
    g_autoptr(GArray) links = conversations_links(at_once, number, NULL);
    g_autoptr(GArray) hints = conversations_hints(at_once, number);
    g_autoptr(GArray) same_links = conversations_links(stepped, number, NULL);
    g_autoptr(GArray) same_hints = conversations_hints(stepped, number);
    assert_int_equal(conversations_of(at_once, number), conversations_of(stepped, number));
    assert_same_legs(links, same_links);
    assert_same_legs(hints, same_hints);
  }
  bed_clear(&bed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),       cmocka_unit_test(test_worn),
    cmocka_unit_test(test_worn_values), cmocka_unit_test(test_chain),
    cmocka_unit_test(test_rounds),      cmocka_unit_test(test_busy_users),
    cmocka_unit_test(test_late_call),   cmocka_unit_test(test_threads),
    cmocka_unit_test(test_notes),       cmocka_unit_test(test_notes_bound),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
