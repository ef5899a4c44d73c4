/*
 * FIELDS: the table itself, and its values as text: several are joined by "|", an absent one is
 * "-", durations and times are in milliseconds.
 */
#include "tests/test.h"

#include "capture/error.h"
#include "capture/source.h"
#include "dissect/ingest/pipeline.h"
#include "dissect/query/field.h"

typedef struct {
  StoreSet *stores;
  Trace *trace;
  Arena scratch;
} Input;

static Input input_new(void)
{
  Input input = {.stores = store_set_new(), .trace = trace_new(&LIMITS_DEFAULT)};

  arena_init(&input.scratch, 1024);
  return input;
}

static void input_clear(Input *input)
{
  trace_free(input->trace);
  store_set_free(input->stores);
  arena_clear(&input->scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Input, input_clear)

static char *sample_path(const char *name)
{
  const char *golden = g_getenv("RUNG_GOLDEN");

  assert_non_null(golden);
  g_autofree char *file = g_strconcat(name, ".pcap", NULL);
  return g_build_filename(golden, "..", "..", "samples", file, NULL);
}

static void input_play(Input *input, Source *source)
{
  trace_follow_media(input->trace, input->stores);
  g_autoptr(Pipeline) pipeline = pipeline_start(&(Setup){source, input->stores, &LIMITS_DEFAULT});

  for (bool last = false; !last;) {
    Batch *batch = pipeline_take(pipeline, G_USEC_PER_SEC);
    if (!batch)
      continue;
    last = batch->last;
    batch_note(batch, input->trace);
    for (size_t i = 0; i < batch->count; i++)
      trace_add(input->trace, &batch->arrivals[i]);
    pipeline_give_back(pipeline, batch);
  }
}

static Input input_of_sample(const char *name)
{
  Input input = input_new();
  g_autofree char *path = sample_path(name);
  const char *const files[] = {path, NULL};
  const SourceOptions options = {.files = files};
  g_autoptr(Source) source = source_open(&options, input.stores, NULL);

  assert_non_null(source);
  input_play(&input, source);
  return input;
}

static const Call *call_at(const Input *input, unsigned number)
{
  assert_true(number <= trace_call_count(input->trace));
  return trace_call_at(input->trace, number - 1);
}

static const Message *message_at(const Input *input, unsigned number)
{
  for (size_t i = 0; i < trace_call_count(input->trace); i++)
    for (const Message *m = trace_call_at(input->trace, i)->first; m; m = m->next)
      if (m->number == number)
        return m;
  fail_msg("no message %u", number);
  return NULL;
}

static void append_value(GString *to, const FieldValue *value)
{
  char address[ENDPOINT_TEXT_MAX];

  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    g_string_append_len(to, value->text.data, (gssize) value->text.len);
    break;
  case FIELD_INTEGER:
  case FIELD_DECIMAL:
    g_string_append_printf(to, "%" G_GINT64_FORMAT, value->integer);
    break;
  case FIELD_DURATION:
  case FIELD_TIME:
    g_string_append_printf(to, "%" G_GINT64_FORMAT, value->integer / 1000000);
    break;
  case FIELD_ADDRESS:
    g_string_append(to, value->address.port != 0
                          ? endpoint_format(&value->address, address)
                          : endpoint_format_address(&value->address, address));
    break;
  case FIELD_BOOLEAN:
    g_string_append(to, value->truth ? "true" : "false");
    break;
  case FIELD_LIST:
    fail_msg("a field is a list");
  }
}

static char *values_text(FieldContext *context, const FieldRef *ref)
{
  GString *text = g_string_new(NULL);
  FieldValue value;

  for (size_t i = 0; field_get_at(context, ref, i, &value); i++) {
    assert_int_equal(value.type, ref->field->type);
    if (i > 0)
      g_string_append_c(text, '|');
    append_value(text, &value);
  }
  if (!field_get(context, ref, &value))
    g_string_append_c(text, '-');
  return g_string_free(text, false);
}

static FieldRef ref_of(const char *text)
{
  g_autoptr(GError) error = NULL;
  Slice rest = slice_from_string(text);
  FieldRef ref = {0};

  if (!field_ref_parse(&rest, &ref, &error))
    fail_msg("%s: %s", text, error->message);
  assert_int_equal(rest.len, 0);
  return ref;
}

/* A fact of a call, or of a message where its number is not 0. */
typedef struct {
  const char *sample;
  unsigned call, message;
  const char *field, *text;
} Fact;

static void check_fact(Input *input, const Fact *fact)
{
  g_auto(FieldContext) context = field_context(input->trace, input->stores, &input->scratch);
  FieldRef ref = ref_of(fact->field);

  arena_reset(&input->scratch);
  if (fact->message != 0)
    field_look_at_message(&context, message_at(input, fact->message));
  else
    field_look_at_call(&context, call_at(input, fact->call));
  g_autofree char *text = values_text(&context, &ref);
  if (strcmp(text, fact->text) != 0)
    fail_msg("%s call %u message %u %s: \"%s\", not \"%s\"", fact->sample, fact->call,
             fact->message, fact->field, text, fact->text);
  assert_false(context.unreadable);
  /* What says that it reads no octets can do without a store. */
  bool needless = ref.field->needs_octets && !(ref.field->model_knows && fact->message == 0);
  if (needless || context.memory == NULL)
    return;
  g_autoptr(StoreSet) empty = store_set_new();
  context.stores = empty;
  context.memory = NULL;
  g_autofree char *again = values_text(&context, &ref);
  assert_string_equal(again, fact->text);
}

static const Fact FACTS[] = {
  {"basic", 1, 0, "call.number", "1"},
  {"basic", 1, 0, "call.kind", "invite"},
  {"basic", 1, 0, "call.id", "2f533b4b1971f69f@192.0.2.10"},
  {"basic", 1, 0, "call.from", "sip:alice@atlanta.example.com"},
  {"basic", 1, 0, "call.to", "sip:bob@biloxi.example.com"},
  {"basic", 1, 0, "call.outcome", "answered"},
  {"basic", 1, 0, "call.state", "completed"},
  {"basic", 1, 0, "call.status", "200"},
  {"basic", 1, 0, "call.reason", "OK"},
  {"basic", 1, 0, "call.start", "1767348000000"},
  {"basic", 1, 0, "call.end", "1767348008241"},
  {"basic", 1, 0, "call.ring", "192"},
  {"basic", 1, 0, "call.setup", "2592"},
  {"basic", 1, 0, "call.duration", "5635"},
  {"basic", 1, 0, "call.messages", "7"},
  {"basic", 1, 0, "call.retransmissions", "0"},
  {"basic", 1, 0, "call.duplicates", "0"},
  {"basic", 1, 0, "call.transactions", "3"},
  {"basic", 1, 0, "call.dialogs", "1"},
  {"basic", 1, 0, "call.forks", "1"},
  {"basic", 1, 0, "call.endpoints", "192.0.2.10:5060|198.51.100.20:5060"},
  {"basic", 1, 0, "call.transports", "UDP"},
  {"basic", 1, 0, "call.cause", "-"},
  {"basic", 1, 0, "call.reason_header", "-"},
  {"basic", 1, 0, "call.warning", "-"},
  {"basic", 1, 0, "call.user_agent", "Softphone/1.0"},
  {"basic", 1, 0, "call.server", "Deskphone/2.4"},
  {"basic", 1, 0, "call.codecs_offered", "PCMU|PCMA|telephone-event"},
  {"basic", 1, 0, "call.codecs_chosen", "PCMU|PCMA|telephone-event"},
  {"basic", 1, 0, "call.media", "audio"},
  {"basic", 1, 0, "call.audio", "both"},
  {"basic", 1, 0, "call.mos", "4410"},
  {"basic", 1, 0, "call.loss", "0"},
  {"basic", 1, 0, "call.jitter", "0"},
  {"basic", 1, 0, "call.streams", "2"},
  {"busy", 1, 0, "call.audio", "-"},
  {"busy", 1, 0, "call.mos", "-"},
  {"busy", 1, 0, "call.loss", "-"},
  {"busy", 1, 0, "call.jitter", "-"},
  {"busy", 1, 0, "call.streams", "-"},
  {"basic", 1, 0, "message.method", "-"},
  {"basic", 1, 0, "from.user", "alice"},
  {"basic", 1, 0, "from.host", "atlanta.example.com"},
  {"basic", 1, 0, "from.uri", "sip:alice@atlanta.example.com"},
  {"basic", 1, 0, "from.name", "Alice"},
  {"basic", 1, 0, "from.tag", "95efd284"},
  {"basic", 1, 0, "to.user", "bob"},
  {"basic", 1, 0, "to.name", "Bob"},
  {"basic", 1, 0, "to.tag", "-"},
  {"basic", 1, 0, "request.uri", "sip:bob@biloxi.example.com"},
  {"basic", 1, 0, "header[\"Max-Forwards\"]", "70"},
  {"basic", 0, 1, "message.number", "1"},
  {"basic", 0, 1, "message.frame", "1"},
  {"basic", 0, 1, "message.time", "1767348000000"},
  {"basic", 0, 1, "message.delta", "-"},
  {"basic", 0, 2, "message.delta", "12"},
  {"basic", 0, 4, "message.delta", "2400"},
  {"basic", 0, 1, "message.src", "192.0.2.10:5060"},
  {"basic", 0, 1, "message.dst", "198.51.100.20:5060"},
  {"basic", 0, 1, "ip.src", "192.0.2.10"},
  {"basic", 0, 1, "ip.addr", "192.0.2.10|198.51.100.20"},
  {"basic", 0, 1, "message.port", "5060|5060"},
  {"basic", 0, 1, "udp.port", "5060|5060"},
  {"basic", 0, 1, "tcp.port", "-"},
  {"basic", 0, 1, "message.transport", "UDP"},
  {"basic", 0, 1, "message.kind", "request"},
  {"basic", 0, 1, "message.method", "INVITE"},
  {"basic", 0, 1, "message.uri", "sip:bob@biloxi.example.com"},
  {"basic", 0, 1, "message.uri.user", "bob"},
  {"basic", 0, 1, "message.uri.host", "biloxi.example.com"},
  {"basic", 0, 1, "message.uri.port", "-"},
  {"basic", 0, 1, "message.status", "-"},
  {"basic", 0, 1, "message.reason", "-"},
  {"basic", 0, 1, "message.start_line", "INVITE sip:bob@biloxi.example.com SIP/2.0"},
  {"basic", 0, 1, "message.cseq", "1"},
  {"basic", 0, 1, "message.cseq_method", "INVITE"},
  {"basic", 0, 1, "message.from_tag", "95efd284"},
  {"basic", 0, 1, "message.to_tag", "-"},
  {"basic", 0, 1, "message.branch", "z9hG4bKd0565c9f65"},
  {"basic", 0, 1, "message.content_type", "application/sdp"},
  {"basic", 0, 1, "message.bytes", "610"},
  {"basic", 0, 1, "message.call", "1"},
  {"basic", 0, 1, "message.dialog", "-"},
  {"basic", 0, 1, "message.transaction", "1"},
  {"basic", 0, 1, "message.sdp", "true"},
  {"basic", 0, 1, "message.codecs", "PCMU|PCMA|telephone-event"},
  {"basic", 0, 1, "message.media", "audio"},
  {"basic", 0, 1, "message.malformed", "false"},
  {"basic", 0, 1, "call.duration", "5635"},
  {"basic", 0, 3, "message.kind", "response"},
  {"basic", 0, 3, "message.method", "-"},
  {"basic", 0, 3, "message.uri", "-"},
  {"basic", 0, 3, "message.status", "180"},
  {"basic", 0, 3, "message.reason", "Ringing"},
  {"basic", 0, 3, "message.cseq_method", "INVITE"},
  {"basic", 0, 3, "message.to_tag", "812c0b7f"},
  {"basic", 0, 3, "message.dialog", "1"},
  {"basic", 0, 3, "message.sdp", "false"},
  {"basic", 0, 3, "message.codecs", "-"},
  {"basic", 0, 3, "message.body", "-"},
  {"basic", 0, 3, "contact.uri", "sip:bob@198.51.100.20:5060"},
  {"basic", 0, 3, "contact.host", "198.51.100.20"},
  {"basic", 0, 3, "user_agent", "Deskphone/2.4"},
  {"auth", 1, 0, "call.forks", "1"},
  {"auth", 1, 0, "call.status", "200"},
  {"auth", 2, 0, "call.outcome", "failed"},
  {"auth", 2, 0, "call.state", "failed"},
  {"auth", 2, 0, "call.status", "403"},
  {"auth", 2, 0, "call.reason", "Forbidden"},
  {"auth", 2, 0, "call.ring", "-"},
  {"auth", 2, 0, "call.codecs_offered", "PCMU|PCMA|telephone-event"},
  {"auth", 2, 0, "call.codecs_chosen", "-"},
  {"auth", 0, 2, "sip.Proxy-Authenticate",
   "Digest realm=\"example.com\", nonce=\"f84f1cec41e6cbe5aea9c8e88d359\", algorithm=MD5, "
   "qop=\"auth\""},
  {"refer", 2, 0, "call.from", "sip:alice@atlanta.example.com"},
  {"refer", 2, 0, "to.user", "carol"},
  {"refer", 2, 0, "header[b]", "<sip:bob@biloxi.example.com>"},
  {"refer", 2, 0, "sip.Referred-By", "<sip:bob@biloxi.example.com>"},
  {"refer", 0, 7, "message.body", "SIP/2.0 100 Trying\r\n"},
  {"fork", 1, 0, "call.forks", "2"},
  {"options", 1, 0, "call.kind", "options"},
  {"options", 1, 0, "call.state", "-"},
  {"options", 1, 0, "call.forks", "-"},
  {"duplicates", 1, 0, "call.duplicates", "7"},
  {"retransmission", 0, 2, "sip.resend", "true"},
  {"websocket", 1, 0, "call.transports", "WS"},
  {"ipv6", 0, 1, "ipv6.src", "2001:db8::10"},
};

static void test_facts_of_samples(void **state)
{
  Input input = {0};
  const char *sample = NULL;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FACTS); i++) {
    if (!sample || strcmp(sample, FACTS[i].sample) != 0) {
      if (sample)
        input_clear(&input);
      input = input_of_sample(FACTS[i].sample);
      sample = FACTS[i].sample;
    }
    check_fact(&input, &FACTS[i]);
  }
  input_clear(&input);
}

/* Messages in text: "A" sends to "B" but for responses; %s is the top of what all have. */
#define HEAD                                                                                       \
  "Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\nCall-ID: x\r\nFrom: \"A \\\"B\\\"\"\r\n "     \
  "<sip:%2b49;x@example.com:5070>;tag=1\r\nTo: <tel:+1-201;ext=9>\r\n"
#define SDP(formats) "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP " formats "\r\n"

static const char *const MESSAGES[] = {
  "INVITE sip:%62ob@b.example.com:5061 SIP/2.0\r\n" HEAD
  "CSeq: 1 INVITE\r\nContact: \"C, D\" <sip:c@192.0.2.1>, <sips:[2001:db8::1]>\r\n"
  "m: *\r\nP-Asserted-Identity: Eve <sip:eve@example.com>\r\nP-Asserted-Identity: tel:+49\r\n"
  "Diversion: <sip:f@example.com>;reason=no-answer\r\nUser-Agent: Soft\r\n phone\r\n"
  "X-Account:  7 \r\nx-account: 8, 9\r\nSession-ID: ab\r\nSubject: s\r\n\r\n",
  "SIP/2.0 183 Session Progress\r\n" HEAD "CSeq: 1 INVITE\r\n"
  "Reason: Q.850;cause=1;text=\"x\"\r\nServer: Gate\r\n\r\n",
  "SIP/2.0 500 Server Error\r\n" HEAD "CSeq: 1 INVITE\r\n"
  "Reason: SIP;cause=480, q.850 ; cause=41 ;text=\"a, b\"\r\n"
  "Warning: 399 h \"not \\\"so\\\"\", 370 h\r\n\r\n",
};

static const Message *input_add(Input *input, Slice text, unsigned store)
{
  static const Endpoint A = {.address = {192, 0, 2, 1}, .port = 5060, .family = ADDRESS_IPV4};
  static const Endpoint B = {.address = {192, 0, 2, 2}, .port = 5062, .family = ADDRESS_IPV4};
  bool response = slice_starts_with(text, SLICE("SIP/2.0"));
  Arrival arrival = {.raw = {.octets = text,
                             .transport = TRANSPORT_UDP,
                             .src = response ? B : A,
                             .dst = response ? A : B,
                             .time_ns = 5}};

  assert_true(store_append(input->stores, store, text, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(input->stores, NULL));
  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(input->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  return trace_add(input->trace, &arrival);
}

static Input input_of_texts(const char *const *texts, size_t count)
{
  Input input = input_new();
  unsigned store;

  assert_true(store_set_add_spool(input.stores, &store, NULL));
  for (size_t i = 0; i < count; i++) {
    Slice text = exact_slice(slice_from_string(texts[i]));
    assert_non_null(input_add(&input, text, store));
    g_free((void *) (uintptr_t) text.data);
  }
  return input;
}

static const Fact TEXT_FACTS[] = {
  {"", 1, 0, "from.uri", "sip:%2b49;x@example.com:5070"},
  {"", 1, 0, "from.user", "+49;x"},
  {"", 1, 0, "from.host", "example.com"},
  {"", 1, 0, "from.name", "A \"B\""},
  {"", 1, 0, "to.user", "+1-201"},
  {"", 1, 0, "to.host", "-"},
  {"", 1, 0, "to.name", "-"},
  {"", 0, 1, "from.user", "+49;x"},
  {"", 0, 1, "from.uri", "sip:%2b49;x@example.com:5070"},
  {"", 0, 1, "to.uri", "tel:+1-201;ext=9"},
  {"", 1, 0, "request.user", "bob"},
  {"", 1, 0, "request.port", "5061"},
  {"", 0, 1, "message.uri.port", "5061"},
  {"", 0, 2, "request.uri", "-"},
  {"", 1, 0, "contact.uri", "sip:c@192.0.2.1|sips:[2001:db8::1]|*"},
  {"", 1, 0, "contact.user", "c"},
  {"", 1, 0, "contact.host", "192.0.2.1|[2001:db8::1]"},
  {"", 1, 0, "contact.name", "C, D"},
  {"", 1, 0, "pai.uri", "sip:eve@example.com|tel:+49"},
  {"", 1, 0, "pai.user", "eve|+49"},
  {"", 1, 0, "pai.name", "Eve"},
  {"", 1, 0, "diversion.user", "f"},
  {"", 1, 0, "diversion.uri", "sip:f@example.com"},
  {"", 1, 0, "user_agent", "Soft phone"},
  {"", 1, 0, "call.user_agent", "Soft phone"},
  {"", 1, 0, "server", "-"},
  {"", 1, 0, "session_id", "ab"},
  {"", 1, 0, "header[\"X-Account\"]", "7|8, 9"},
  {"", 1, 0, "HEADER[ Contact ]", "\"C, D\" <sip:c@192.0.2.1>, <sips:[2001:db8::1]>|*"},
  {"", 1, 0, "header[\"s\"]", "s"},
  {"", 1, 0, "header[\"X-Other\"]", "-"},
  {"", 1, 0, "sip.subject", "s"},
  {"", 1, 0, "reason", "-"},
  {"", 0, 2, "reason.q850", "1"},
  {"", 0, 3, "reason", "SIP;cause=480|q.850 ; cause=41 ;text=\"a, b\""},
  {"", 0, 3, "reason.q850", "41"},
  {"", 1, 0, "call.cause", "41"},
  {"", 1, 0, "call.reason_header", "SIP;cause=480|q.850 ; cause=41 ;text=\"a, b\""},
  {"", 1, 0, "call.warning", "not \"so\"|370 h"},
  {"", 1, 0, "call.reason", "Server Error"},
  {"", 1, 0, "call.server", "Gate"},
  {"", 0, 2, "message.src.port", "5062"},
};

static void test_facts_of_texts(void **state)
{
  g_auto(Input) input = input_of_texts(MESSAGES, G_N_ELEMENTS(MESSAGES));

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TEXT_FACTS); i++)
    check_fact(&input, &TEXT_FACTS[i]);
}

#define SDP_TYPE "Content-Type: application/sdp\r\n\r\n"

/* Who offers and who answers (RFC 3264). */
static void test_offers_and_answers(void **state)
{
  static const char *const DELAYED[] = {
    "INVITE sip:b@b SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n",
    "SIP/2.0 200 OK\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP_TYPE SDP("0 8"),
    "ACK sip:b@b SIP/2.0\r\n" HEAD "CSeq: 1 ACK\r\n" SDP_TYPE SDP("8"),
  };
  static const char *const EARLY[] = {
    "INVITE sip:b@b SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP_TYPE SDP("0 8 18"),
    "SIP/2.0 183 Progress\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP_TYPE SDP("8"),
    "SIP/2.0 200 OK\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP_TYPE SDP("0") "m=video 0 RTP/AVP 34\r\n",
  };
  static const char *const MIDWAY[] = {
    "SIP/2.0 200 OK\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP_TYPE SDP("0"),
  };
  static const struct {
    const char *const *texts;
    size_t count;
    const char *offered, *chosen, *media;
  } CASES[] = {
    {DELAYED, 3, "PCMU|PCMA", "PCMA", "audio"},    {DELAYED, 2, "PCMU|PCMA", "-", "audio"},
    {EARLY, 1, "PCMU|PCMA|G729", "-", "audio"},    {EARLY, 2, "PCMU|PCMA|G729", "PCMA", "audio"},
    {EARLY, 3, "PCMU|PCMA|G729", "PCMU", "audio"}, {MIDWAY, 1, "-", "PCMU", "audio"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Input) input = input_of_texts(CASES[i].texts, CASES[i].count);
    const Fact facts[] = {
      {"", 1, 0, "call.codecs_offered", CASES[i].offered},
      {"", 1, 0, "call.codecs_chosen", CASES[i].chosen},
      {"", 1, 0, "call.media", CASES[i].media},
    };
    for (size_t j = 0; j < G_N_ELEMENTS(facts); j++)
      check_fact(&input, &facts[j]);
  }
}

/* A CSeq and method that the record cannot tell are read. */
static void test_malformed(void **state)
{
  static const char *const TEXTS[] = {
    "OPTIONS sip:b@b SIP/2.0\r\n" HEAD "CSeq: 0 INVITE\r\n\r\n",
    "OPTIONS sip:b@b SIP/2.0\r\n" HEAD "CSeq: 99999999999 OPTIONS\r\n\r\n",
    "PING sip:b@b SIP/2.0\r\n" HEAD "CSeq: 2 PING\r\n\r\n",
  };
  g_auto(Input) input = input_of_texts(TEXTS, G_N_ELEMENTS(TEXTS));
  static const struct {
    unsigned message;
    const char *field, *text;
  } CASES[] = {
    {1, "message.malformed", "true"},      {1, "message.cseq", "0"},
    {1, "message.cseq_method", "INVITE"},  {2, "message.cseq", "-"},
    {2, "message.cseq_method", "OPTIONS"}, {3, "message.method", "PING"},
    {3, "message.cseq_method", "PING"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(FieldContext) context = field_context(input.trace, input.stores, &input.scratch);
    FieldRef ref = ref_of(CASES[i].field);
    field_look_at_message(&context, message_at(&input, CASES[i].message));
    g_autofree char *text = values_text(&context, &ref);
    assert_string_equal(text, CASES[i].text);
  }
}

static void test_unreadable(void **state)
{
  g_auto(Input) input = input_of_texts(MESSAGES, G_N_ELEMENTS(MESSAGES));
  g_autoptr(StoreSet) empty = store_set_new();
  g_auto(FieldContext) context = field_context(input.trace, empty, &input.scratch);
  FieldRef text = ref_of("message.text"), name = ref_of("from.name"), user = ref_of("from.user");
  FieldValue value;

  (void) state;
  field_look_at_message(&context, message_at(&input, 1));
  assert_false(field_get(&context, &text, &value));
  assert_true(context.unreadable);
  field_look_at_call(&context, call_at(&input, 1));
  assert_false(context.unreadable);
  assert_true(field_get(&context, &user, &value));
  assert_false(field_get(&context, &name, &value));
  assert_true(context.unreadable);
}

/* Whose file was written over meanwhile: by another message, or by what is none. */
static void test_changed(void **state)
{
  g_auto(Input) input = input_of_texts(MESSAGES, G_N_ELEMENTS(MESSAGES));
  const Message *first = message_at(&input, 1), *second = message_at(&input, 2);
  Message other = *first, shorter = *first;
  SipMsg sip;

  (void) state;
  other.ref = second->ref;
  other.len = second->len;
  shorter.len = 3;
  assert_true(message_load(first, input.stores, &input.scratch, &sip, NULL));
  assert_true(message_load(second, input.stores, &input.scratch, &sip, NULL));
  for (const Message *m = &other; m; m = m == &other ? &shorter : NULL) {
    g_autoptr(GError) error = NULL;
    assert_false(message_load(m, input.stores, &input.scratch, &sip, &error));
    assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_IO));
    assert_non_null(strstr(error->message, "changed"));
  }
}

/* Every field of every call and message there is; looked at in any order. */
static void check_all(Input *input)
{
  g_auto(FieldContext) context = field_context(input->trace, input->stores, &input->scratch);

  for (size_t i = trace_call_count(input->trace); i-- > 0;)
    for (const Message *m = NULL; !m || m->next;) {
      const Call *call = call_at(input, (unsigned) i + 1);
      m = m ? m->next : call->first;
      for (size_t f = 0; f < field_count(); f++) {
        FieldRef ref = {field_at(f), SLICE("Via")};
        arena_reset(&input->scratch);
        field_look_at_call(&context, call);
        g_free(values_text(&context, &ref));
        arena_reset(&input->scratch);
        field_look_at_message(&context, m);
        g_free(values_text(&context, &ref));
      }
    }
}

static void test_every_field_of_every_sample(void **state)
{
  g_autofree char *path = sample_path("x");
  g_autofree char *folder = g_path_get_dirname(path);
  GDir *dir = g_dir_open(folder, 0, NULL);
  unsigned count = 0;

  (void) state;
  assert_non_null(dir);
  for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
    if (!g_str_has_suffix(name, ".pcap"))
      continue;
    g_autofree char *stem = g_strndup(name, strlen(name) - strlen(".pcap"));
    g_auto(Input) input = input_of_sample(stem);
    check_all(&input);
    count++;
  }
  g_dir_close(dir);
  assert_true(count > 20);
}

static void test_table(void **state)
{
  (void) state;
  for (size_t i = 0; i < field_count(); i++) {
    const Field *field = field_at(i);
    g_autofree char *upper = g_ascii_strup(field->key, -1);
    g_autofree char *lower = g_ascii_strdown(field->key, -1);

    assert_string_equal(field->key, lower);
    assert_ptr_equal(field_find(slice_from_string(upper)), field);
    assert_true(strlen(field->title) > 0 && strlen(field->help) > 0);
    assert_true(g_str_has_prefix(field->key, "stream.") == (field->scope == FIELD_OF_STREAM));
    bool is_of_call =
      g_str_has_prefix(field->key, "call.") || g_str_has_prefix(field->key, "finding.");
    assert_true(is_of_call == (field->scope == FIELD_OF_CALL));
    assert_true(g_str_has_prefix(field->key, "message.") == (field->scope == FIELD_OF_MESSAGE) ||
                field->scope == FIELD_OF_CALL);
    assert_int_equal(field->many, field->collect != NULL);
    assert_int_equal(field->many, field->get == NULL);
    assert_true(!field->model_knows || (field->needs_octets && field->scope == FIELD_OF_EITHER));
    assert_string_equal(field_nearest(slice_from_string(field->key)), field->key);
  }
}

/* What begins alike comes before what is spelt alike. */
static void test_nearest(void **state)
{
  static const char *const PAIRS[][2] = {
    {"call.sta", "call.state"},        {"call.re", "call.result"},
    {"status", "call.status"},         {"METHOD", "message.method"},
    {"dur", "call.duration"},          {"call.duraton", "call.duration"},
    {"message.sta", "message.status"}, {"sip.Call-I", "sip.Call-ID"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++)
    assert_string_equal(field_nearest(slice_from_string(PAIRS[i][0])), PAIRS[i][1]);
  assert_null(field_nearest(SLICE("")));
}

static void test_aliases(void **state)
{
  (void) state;
  for (size_t i = 0; i < field_alias_count(); i++) {
    const char *key;
    const char *spelling = field_alias_at(i, &key);
    g_autofree char *upper = g_ascii_strup(spelling, -1);
    const Field *field = field_find(slice_from_string(upper));

    assert_non_null(field);
    assert_string_equal(field->key, key);
    assert_false(field->takes_name);
    assert_ptr_equal(ref_of(spelling).field, field);
  }
}

static void test_references(void **state)
{
  static const struct {
    const char *text, *key, *name, *rest;
  } CASES[] = {
    {"call.start", "call.start", "", ""},
    {"Call.Start>3", "call.start", "", ">3"},
    {"header[\"X-Account\"] == 1", "header", "X-Account", " == 1"},
    {"header[ x ]", "header", "x", ""},
    {"sip.Expires<3", "header", "Expires", "<3"},
    {"sip.Call-ID contains", "call.id", "", " contains"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice octets = exact_slice(slice_from_string(CASES[i].text));
    Slice rest = octets;
    FieldRef ref;

    assert_true(field_ref_parse(&rest, &ref, NULL));
    assert_string_equal(ref.field->key, CASES[i].key);
    assert_slice(ref.name, CASES[i].name);
    assert_slice(rest, CASES[i].rest);
    g_free((void *) (uintptr_t) octets.data);
  }
}

static void test_bad_references(void **state)
{
  static const char *const CASES[][2] = {
    {"call.duraton > 1", "unknown field \"call.duraton\"; did you mean call.duration?"},
    {"Call.Duraton", "unknown field \"Call.Duraton\"; did you mean call.duration?"},
    {"sip.Metod", "unknown field \"sip.Metod\"; did you mean sip.Method?"},
    {"zzzzzzzz", "unknown field \"zzzzzzzz\"; 'rung help fields' lists all"},
    {"sip.x", "unknown field \"sip.x\"; 'rung help fields' lists all"},
    {"== 3", "expected a field such as call.duration"},
    {"", "expected a field such as call.duration"},
    {"call.start[\"x\"]", "call.start takes no name in brackets"},
    {"sip.Expires[1]", "sip.Expires takes no name in brackets"},
    {"header", "header needs a name in brackets: header[\"X-Account\"]"},
    {"header[\"x\"", "header needs a name in brackets: header[\"X-Account\"]"},
    {"header[]", "header needs a name in brackets: header[\"X-Account\"]"},
    {"header[\"]", "header needs a name in brackets: header[\"X-Account\"]"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    Slice octets = exact_slice(slice_from_string(CASES[i][0]));
    Slice rest = octets;
    FieldRef ref;

    assert_false(field_ref_parse(&rest, &ref, &error));
    assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
    assert_string_equal(error->message, CASES[i][1]);
    assert_int_equal(rest.len, octets.len);
    g_free((void *) (uintptr_t) octets.data);
  }
}

static FieldValue address(uint8_t last, uint16_t port, AddressFamily family)
{
  Endpoint endpoint = {.address = {192, 0, 2, last}, .port = port, .family = (uint8_t) family};

  return (FieldValue){.type = FIELD_ADDRESS, .address = endpoint};
}

static void test_compare(void **state)
{
  const FieldValue texts[] = {{.type = FIELD_STRING, .text = SLICE("")},
                              {.type = FIELD_STRING, .text = SLICE("Ab")},
                              {.type = FIELD_STRING, .text = SLICE("abc")},
                              {.type = FIELD_STRING, .text = SLICE("B")},
                              {.type = FIELD_STRING, .text = SLICE("\xc3")}};
  const FieldValue numbers[] = {{.type = FIELD_TIME, .integer = INT64_MIN},
                                {.type = FIELD_TIME, .integer = 0},
                                {.type = FIELD_TIME, .integer = INT64_MAX}};
  const FieldValue addresses[] = {address(2, 9, ADDRESS_IPV4), address(10, 0, ADDRESS_IPV4),
                                  address(10, 5060, ADDRESS_IPV4), address(1, 0, ADDRESS_IPV6)};
  const FieldValue truths[] = {{.type = FIELD_BOOLEAN}, {.type = FIELD_BOOLEAN, .truth = true}};
  const struct {
    const FieldValue *values;
    size_t count;
  } ROWS[] = {{texts, 5}, {numbers, 3}, {addresses, 4}, {truths, 2}};

  (void) state;
  for (size_t r = 0; r < G_N_ELEMENTS(ROWS); r++)
    for (size_t i = 0; i < ROWS[r].count; i++)
      for (size_t j = 0; j < ROWS[r].count; j++)
        assert_int_equal(field_compare(&ROWS[r].values[i], &ROWS[r].values[j]), (i > j) - (i < j));
  FieldValue same = {.type = FIELD_STRING, .text = SLICE("aB")};
  assert_int_equal(field_compare(&same, &texts[1]), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_facts_of_samples),
    cmocka_unit_test(test_facts_of_texts),
    cmocka_unit_test(test_offers_and_answers),
    cmocka_unit_test(test_malformed),
    cmocka_unit_test(test_unreadable),
    cmocka_unit_test(test_changed),
    cmocka_unit_test(test_every_field_of_every_sample),
    cmocka_unit_test(test_table),
    cmocka_unit_test(test_nearest),
    cmocka_unit_test(test_aliases),
    cmocka_unit_test(test_references),
    cmocka_unit_test(test_bad_references),
    cmocka_unit_test(test_compare),
  };

  return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
