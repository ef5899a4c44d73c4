#include "dissect/query/field.h"

#include "capture/error.h"
#include "capture/slice.h"
#include "dissect/diagnose/conversations.h"
#include "dissect/diagnose/diagnosis.h"
#include "dissect/query/field_private.h"
#include "dissect/sip/sip_coding.h"
#include "dissect/sip/sip_values.h"

/* What `octets` means in the table. */
#define OCTETS_NO .needs_octets = false
#define OCTETS_YES .needs_octets = true
#define OCTETS_MODEL .needs_octets = true, .model_knows = true
#define OCTETS_MEDIA .needs_media = true
#define OCTETS_FINDINGS .needs_octets = true, .needs_media = true

#define FIELD_FACTS(key_, title_, type_, scope_, octets_, help_)                                   \
  .key = key_, .title = title_, .help = help_, .type = FIELD_##type_, .scope = FIELD_OF_##scope_,  \
  OCTETS_##octets_
#define FIELD_ONE(key, title, type, scope, octets, getter, help)                                   \
  {FIELD_FACTS(key, title, type, scope, octets, help), .get = field_##getter},
#define FIELD_MANY(key, title, type, scope, octets, collector, help)                               \
  {FIELD_FACTS(key, title, type, scope, octets, help), .many = true, .collect = field_##collector},
#define FIELD_NAMED(key, title, type, scope, octets, collector, help)                              \
  {FIELD_FACTS(key, title, type, scope, octets, help), .many = true, .takes_name = true,           \
   .collect = field_##collector},

static const Field FIELDS[] = {
#include "dissect/query/fields.def"
};

const Field *field_decoded_content(void)
{
  static const Field CONTENT = {.key = "message.body",
                                .type = FIELD_STRING,
                                .scope = FIELD_OF_MESSAGE,
                                OCTETS_YES,
                                .get = field_message_decoded};

  return &CONTENT;
}

/* Wireshark's spellings. */
static const struct {
  const char *spelling;
  const char *key;
} ALIASES[] = {
  {"frame.number", "message.frame"},
  {"frame.time", "message.time"},
  {"ip.addr", "message.ip"},
  {"ip.dst", "message.dst.ip"},
  {"ip.src", "message.src.ip"},
  {"ipv6.addr", "message.ip"},
  {"ipv6.dst", "message.dst.ip"},
  {"ipv6.src", "message.src.ip"},
  {"sdp.media.media", "message.media"},
  {"sdp.media", "message.media"},
  {"sdp.mime.type", "message.codecs"},
  {"sip.CSeq.method", "message.cseq_method"},
  {"sip.CSeq.seq", "message.cseq"},
  {"sip.Call-ID", "call.id"},
  {"sip.Content-Type", "message.content_type"},
  {"sip.Method", "message.method"},
  {"sip.Reason", "reason"},
  {"sip.Server", "server"},
  {"sip.Session-ID", "session_id"},
  {"sip.Status-Code", "message.status"},
  {"sip.User-Agent", "user_agent"},
  {"sip.Via.branch", "message.branch"},
  {"sip.contact.host", "contact.host"},
  {"sip.contact.uri", "contact.uri"},
  {"sip.contact.user", "contact.user"},
  {"sip.from.addr", "from.uri"},
  {"sip.from.host", "from.host"},
  {"sip.from.tag", "from.tag"},
  {"sip.from.user", "from.user"},
  {"sip.msg_body", "message.body"},
  {"sip.pai.addr", "pai.uri"},
  {"sip.pai.host", "pai.host"},
  {"sip.pai.user", "pai.user"},
  {"sip.r-uri", "request.uri"},
  {"sip.r-uri.host", "request.host"},
  {"sip.r-uri.port", "request.port"},
  {"sip.r-uri.user", "request.user"},
  {"sip.reason_cause_q850", "reason.q850"},
  {"sip.resend", "message.retransmission"},
  {"sip.to.addr", "to.uri"},
  {"sip.to.host", "to.host"},
  {"sip.to.tag", "to.tag"},
  {"sip.to.user", "to.user"},
  {"tcp.port", "message.tcp_port"},
  {"udp.port", "message.udp_port"},
};

size_t field_count(void)
{
  return G_N_ELEMENTS(FIELDS);
}

const Field *field_at(size_t index)
{
  g_assert(index < G_N_ELEMENTS(FIELDS));
  return &FIELDS[index];
}

size_t field_alias_count(void)
{
  return G_N_ELEMENTS(ALIASES);
}

const char *field_alias_at(size_t index, const char **ret_key)
{
  g_assert(index < G_N_ELEMENTS(ALIASES));
  *ret_key = ALIASES[index].key;
  return ALIASES[index].spelling;
}

static const Field *find_key(Slice key)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS); i++)
    if (slice_eq_nocase(key, slice_from_string(FIELDS[i].key)))
      return &FIELDS[i];
  return NULL;
}

const Field *field_find(Slice key)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ALIASES); i++)
    if (slice_eq_nocase(key, slice_from_string(ALIASES[i].spelling)))
      return find_key(slice_from_string(ALIASES[i].key));
  return find_key(key);
}

/* The first key that begins with what was typed, or else whose last part does. */
static const char *find_beginning(Slice typed)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS) && typed.len > 0; i++)
    if (slice_starts_with_nocase(slice_from_string(FIELDS[i].key), typed))
      return FIELDS[i].key;
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS) && typed.len > 0; i++) {
    Slice rest = slice_from_string(FIELDS[i].key);
    slice_cut(&rest, '.');
    if (slice_starts_with_nocase(rest, typed))
      return FIELDS[i].key;
  }
  return NULL;
}

const char *field_nearest(Slice key)
{
  const char *begins = find_beginning(key);
  const char *words[G_N_ELEMENTS(FIELDS) + G_N_ELEMENTS(ALIASES) + 1] = {NULL};
  size_t count = 0;
  g_autofree char *typed = slice_dup(key);

  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS); i++)
    words[count++] = FIELDS[i].key;
  for (size_t i = 0; i < G_N_ELEMENTS(ALIASES); i++)
    words[count++] = ALIASES[i].spelling;
  const char *nearest = field_find(key) || !begins ? nearest_word(typed, words) : begins;
  if (nearest)
    return nearest;
  g_autofree char *lower = g_ascii_strdown(typed, -1);
  return nearest_word(lower, words);
}

static bool fail_unknown_field(Slice key, GError **error)
{
  const char *nearest = field_nearest(key);

  if (key.len == 0)
    return app_fail_usage(error, "expected a field such as call.duration");
  if (nearest)
    return app_fail_usage(error, "unknown field \"%.*s\"; did you mean %s?", SLICE_ARG(key),
                          nearest);
  return app_fail_usage(error, "unknown field \"%.*s\"; 'rung help fields' lists all",
                        SLICE_ARG(key));
}

/* sip.Expires: any known header field may be named as in Wireshark. */
static bool find_header(Slice key, FieldRef *ret_ref)
{
  Slice name = slice_from(key, 4);

  if (!slice_starts_with_nocase(key, SLICE("sip.")) || name.len < 2 ||
      sip_header_from_slice(name) == SIP_HEADER_OTHER)
    return false;
  *ret_ref = (FieldRef){find_key(SLICE("header")), name};
  return true;
}

/* ["NAME"]; the quotes are optional. */
static bool take_name(Slice *text, Slice *ret_name)
{
  Slice rest = *text;

  if (rest.len == 0 || rest.data[0] != '[')
    return false;
  rest = slice_from(rest, 1);
  size_t close = slice_find(rest, ']');
  Slice name = slice_trim(slice_head(rest, close));
  if (name.len >= 2 && name.data[0] == '"' && name.data[name.len - 1] == '"')
    name = slice_of(name.data + 1, name.len - 2);
  if (close == rest.len || name.len == 0 || slice_find(name, '"') < name.len)
    return false;
  *text = slice_from(rest, close + 1);
  *ret_name = name;
  return true;
}

bool field_ref_parse(Slice *text, FieldRef *ret_ref, GError **error)
{
  size_t len = 0;

  while (len < text->len && (g_ascii_isalnum(text->data[len]) || memchr("._-", text->data[len], 3)))
    len++;
  Slice key = slice_head(*text, len), rest = slice_from(*text, len);
  FieldRef ref = {.field = field_find(key)};
  if (!ref.field && !find_header(key, &ref))
    return fail_unknown_field(key, error);
  bool brackets = rest.len > 0 && rest.data[0] == '[';
  if (brackets && (!ref.field->takes_name || ref.name.data))
    return app_fail_usage(error, "%.*s takes no name in brackets", SLICE_ARG(key));
  if (ref.field->takes_name && !ref.name.data && !take_name(&rest, &ref.name))
    return app_fail_usage(error, "%s needs a name in brackets: %s[\"X-Account\"]", ref.field->key,
                          ref.field->key);
  *text = rest;
  *ret_ref = ref;
  return true;
}

/* --- Words of closed sets -------------------------------------------------------------------- */

#define NAME_OF(id, name) name,
#define NAME_OF_TRANSPORT(name) #name,

static const char *const KINDS[] = {"request", "response", NULL};
static const char *const GB_KINDS[] = {"control", "query", "response", "notify", NULL};
static const char *const OUTCOME_NAMES[] = {OUTCOMES(NAME_OF) NULL};
static const char *const STATE_NAMES[] = {CALL_STATES(NAME_OF) OUTCOMES(NAME_OF) NULL};
#define FINDING(id, name, severity, table, section, help) name,
static const char *const FINDING_NAMES[] = {
#include "dissect/diagnose/findings.def"
  NULL};
#undef FINDING
static const char *const SERVICE_NAMES[] = {LEG_SERVICES(NAME_OF) NULL};
static const char *const SEVERITY_NAMES[] = {"error", "warning", "note", NULL};
static const char *const AUDIO_NAMES[] = {CALL_AUDIO_WAYS(NAME_OF) NULL};
static const char *const MEDIA_TRANSPORT_NAMES[] = {"UDP", "TCP", NULL};
static const char *const TRANSPORT_NAMES[] = {TRANSPORTS(NAME_OF_TRANSPORT) NULL};

static const struct {
  const char *key;
  const char *const *words;
} SETS[] = {
  {"call.audio", AUDIO_NAMES},
  {"call.finding", FINDING_NAMES},
  {"call.outcome", OUTCOME_NAMES},
  {"call.result", STATE_NAMES},
  {"call.service", SERVICE_NAMES},
  {"call.severity", SEVERITY_NAMES},
  {"call.state", STATE_NAMES},
  {"call.transports", TRANSPORT_NAMES},
  {"finding.severity", SEVERITY_NAMES},
  {"gb.kind", GB_KINDS},
  {"message.kind", KINDS},
  {"message.transport", TRANSPORT_NAMES},
  {"stream.transport", MEDIA_TRANSPORT_NAMES},
};

const char *const *field_words(const Field *field)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++)
    if (strcmp(SETS[i].key, field->key) == 0)
      return SETS[i].words;
  return NULL;
}

/* --- Comparing ------------------------------------------------------------------------------- */

static int compare_numbers(int64_t a, int64_t b)
{
  return a < b ? -1 : a > b;
}

static int compare_texts(Slice a, Slice b)
{
  size_t both = MIN(a.len, b.len);

  for (size_t i = 0; i < both; i++) {
    int x = (unsigned char) g_ascii_tolower(a.data[i]);
    int y = (unsigned char) g_ascii_tolower(b.data[i]);
    if (x != y)
      return x < y ? -1 : 1;
  }
  return compare_numbers((int64_t) a.len, (int64_t) b.len);
}

/* IPv4 before IPv6; then by address, then by port. */
static int compare_addresses(const Endpoint *a, const Endpoint *b)
{
  int order = compare_numbers(a->family, b->family);

  if (order == 0)
    order = compare_numbers(memcmp(a->address, b->address, sizeof a->address), 0);
  return order != 0 ? order : compare_numbers(a->port, b->port);
}

int field_compare(const FieldValue *a, const FieldValue *b)
{
  g_assert(a->type == b->type);
  switch (a->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    return compare_texts(a->text, b->text);
  case FIELD_INTEGER:
  case FIELD_DECIMAL:
  case FIELD_DURATION:
  case FIELD_TIME:
    return compare_numbers(a->integer, b->integer);
  case FIELD_ADDRESS:
    return compare_addresses(&a->address, &b->address);
  case FIELD_BOOLEAN:
    return compare_numbers(a->truth, b->truth);
  case FIELD_LIST:
    break;
  }
  g_assert_not_reached();
}

/* --- The call or message that is looked at --------------------------------------------------- */

enum { LOADED_MAX = 4, LISTS_MAX = 4 };

typedef struct {
  const Message *message;
  const SipMsg *sip; /* NULL: unreadable */
} Loaded;

typedef struct {
  FieldRef ref;
  FieldList list;
} Listed;

/* Of one look; both tables are used in turn. */
struct FieldMemory {
  Loaded loaded[LOADED_MAX];
  Listed listed[LISTS_MAX];
  unsigned next_loaded, next_listed;
  const CallFacts *facts;
  const StreamFacts *stream;
  const CallAudio *audio;
  const CallFindings *findings;
  CallEndings endings;
  bool has_endings;
};

FieldContext field_context(const Trace *trace, const StoreSet *stores, Arena *scratch)
{
  return (FieldContext){.trace = trace, .stores = stores, .scratch = scratch};
}

FieldContext field_context_like(const FieldContext *other, Arena *scratch)
{
  FieldContext context = field_context(other->trace, other->stores, scratch);

  context.names = other->names;
  context.conversations = other->conversations;
  return context;
}

void field_context_clear(FieldContext *context)
{
  g_clear_pointer(&context->own_conversations, conversations_free);
  g_clear_pointer(&context->diagnoser, diagnoser_free);
}

static void look_at(FieldContext *context, const Call *call, const Message *message)
{
  context->call = call;
  context->message = message;
  context->stream = NULL;
  context->memory = NULL; /* the scratch was reset */
  context->unreadable = false;
}

void field_look_at_call(FieldContext *context, const Call *call)
{
  look_at(context, call, NULL);
}

void field_look_at_message(FieldContext *context, const Message *message)
{
  look_at(context, message->transaction->call, message);
}

void field_look_at_stream(FieldContext *context, const RtpStream *stream)
{
  look_at(context, NULL, NULL);
  context->stream = stream;
}

static FieldMemory *memory_of(FieldContext *context)
{
  if (!context->memory)
    context->memory = arena_new(context->scratch, FieldMemory);
  return context->memory;
}

void field_look_at_parsed(FieldContext *context, const Message *message, const SipMsg *sip)
{
  field_look_at_message(context, message);
  FieldMemory *memory = memory_of(context);
  if (sip->content.state == SIP_CONTENT_ENCODED) {
    SipMsg *decoded = arena_copy(context->scratch, sip, sizeof *sip);
    sip_msg_decode(decoded, context->scratch);
    sip = decoded;
  }
  memory->loaded[memory->next_loaded++] = (Loaded){message, sip};
}

const StreamFacts *field_stream_facts(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);

  if (!memory->stream) {
    StreamFacts *facts = arena_new(context->scratch, StreamFacts);
    const Trace *trace = context->trace;
    facts->opposite = trace_stream_reverse(trace, context->stream);
    facts->has_owner = trace_stream_owners(trace, context->stream, facts->owners) > 0;
    stream_quality_measure(context->stream, facts->has_owner ? &facts->owners[0] : NULL,
                           facts->opposite, &facts->quality);
    memory->stream = facts;
  }
  return memory->stream;
}

const CallSummary *field_call_summary(FieldContext *context)
{
  const Call *call = context->call;
  int64_t now_ns = trace_now(context->trace);

  if (context->summary_call != call->number || context->summary_messages != call->messages ||
      context->summary_now_ns != now_ns) {
    context->summary = call_summarize(call, now_ns);
    context->summary_call = call->number;
    context->summary_messages = call->messages;
    context->summary_now_ns = now_ns;
  }
  return &context->summary;
}

const SipMsg *field_load(FieldContext *context, const Message *message)
{
  FieldMemory *memory = memory_of(context);

  if (!message)
    return NULL;
  for (unsigned i = 0; i < LOADED_MAX; i++)
    if (memory->loaded[i].message == message)
      return memory->loaded[i].sip;

  SipMsg *sip = arena_alloc(context->scratch, sizeof *sip);
  bool ok = message_load(message, context->stores, context->scratch, sip, NULL);
  if (!ok)
    context->unreadable = true;
  memory->loaded[memory->next_loaded] = (Loaded){message, ok ? sip : NULL};
  memory->next_loaded = (memory->next_loaded + 1) % LOADED_MAX;
  return ok ? sip : NULL;
}

/* All messages of a call have its Call-ID: the one that is looked at may be in memory. */
Slice field_call_text(FieldContext *context, CallText which)
{
  const Call *call = context->call;
  const Message *message = call_text_message(call, which);

  if (!message)
    return field_unfold(context, call_text_kept(call, which));
  if (which == CALL_TEXT_ID && context->message)
    message = context->message;
  bool is_kept = message == context->message || byte_ref_store(message->ref) != STORE_NONE;
  const SipMsg *sip = is_kept ? field_load(context, message) : NULL;
  return sip ? field_unfold(context, call_text_in(sip, which))
             : call_text_shortened(call, which, context->scratch);
}

const Message *field_subject(FieldContext *context)
{
  return context->message ? context->message : field_call_began(context);
}

const SipMsg *field_load_subject(FieldContext *context)
{
  return field_load(context, field_subject(context));
}

const SipMsg *field_load_message(FieldContext *context)
{
  return field_load(context, context->message);
}

Slice field_unfold(FieldContext *context, Slice value)
{
  return sip_unfold(context->scratch, value);
}

Slice field_header(FieldContext *context, const SipMsg *sip, SipHeader header)
{
  SipHeaderRow row;

  return sip && sip_msg_find(sip, header, &row) ? field_unfold(context, row.value) : SLICE_NONE;
}

void field_list_add(FieldList *list, FieldValue value)
{
  if (list->count == list->room) {
    size_t room = list->room > 0 ? list->room * 2 : 4;
    FieldValue *values = arena_alloc(list->arena, room * sizeof *values);

    if (list->count > 0)
      memcpy(values, list->values, list->count * sizeof *values);
    list->values = values;
    list->room = room;
  }
  list->values[list->count++] = value;
}

/* A tree: no input can make its look-ups slow. */
static int compare_slices(gconstpointer a, gconstpointer b)
{
  const FieldValue x = {.text = *(const Slice *) a}, y = {.text = *(const Slice *) b};

  return field_compare(&x, &y);
}

FieldTexts field_texts_new(FieldList *list)
{
  return (FieldTexts){list, g_tree_new(compare_slices)};
}

void field_texts_add(FieldTexts *texts, Slice text)
{
  if (!text.data || g_tree_lookup(texts->seen, &text))
    return;
  Slice *key = arena_new(texts->list->arena, Slice);
  *key = text;
  g_tree_insert(texts->seen, key, key);
  field_list_add_text(texts->list, text);
}

void field_texts_clear(FieldTexts *texts)
{
  g_tree_unref(texts->seen);
}

const FieldList *field_list_of(FieldContext *context, const FieldRef *ref)
{
  FieldMemory *memory = memory_of(context);

  for (unsigned i = 0; i < LISTS_MAX; i++) {
    const FieldRef *listed = &memory->listed[i].ref;
    if (listed->field == ref->field && slice_eq_nocase(listed->name, ref->name))
      return &memory->listed[i].list;
  }
  Listed *listed = &memory->listed[memory->next_listed];
  *listed = (Listed){*ref, {.arena = context->scratch}};
  memory->next_listed = (memory->next_listed + 1) % LISTS_MAX;
  ref->field->collect(context, ref->name, &listed->list);
  return &listed->list;
}

const CallFacts *field_call_facts(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);

  if (!memory->facts)
    memory->facts = call_facts(context->call, context->scratch);
  return memory->facts;
}

const CallAudio *field_call_audio(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);

  if (!memory->audio) {
    CallAudio audio = call_audio(context->trace, context->call);
    memory->audio = arena_copy(context->scratch, &audio, sizeof audio);
  }
  return memory->audio;
}

/* Of a diagnosis the findings are kept alone; their texts are in the scratch. */
static CallFindings *diagnose(FieldContext *context)
{
  CallFindings *found = arena_new(context->scratch, CallFindings);
  const Call *call = context->call;
  Diagnosis diagnosis;

  if (context->diagnosed_most > 0 && call->messages > context->diagnosed_most)
    return found;
  if (!context->diagnoser)
    context->diagnoser = diagnoser_new(context->trace, context->stores);
  context->diagnoser->names = context->names;
  diagnose_call(context->diagnoser, call, context->scratch, &diagnosis);
  found->count = diagnosis.findings.count;
  found->items =
    arena_copy(context->scratch, diagnosis.findings.items, found->count * sizeof *found->items);
  diagnosis_clear(&diagnosis);
  return found;
}

Conversations *field_conversations(FieldContext *context)
{
  Conversations *conversations = context->conversations;

  if (!conversations && !context->own_conversations)
    context->own_conversations = conversations_new(context->trace, context->stores);
  if (!conversations)
    conversations = context->own_conversations;
  conversations_update(conversations);
  return conversations;
}

const CallFindings *field_call_findings(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);

  if (!memory->findings)
    memory->findings = diagnose(context);
  return memory->findings;
}

const Message *field_call_began(FieldContext *context)
{
  const Message *began = field_call_facts(context)->began;

  return began ? began : context->call->first;
}

static void add_ending(CallEndings *endings, const Message *m)
{
  if (m && endings->count < FIELD_ENDINGS_MAX)
    endings->messages[endings->count++] = m;
}

const CallEndings *field_call_endings(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);
  CallEndings *endings = &memory->endings;

  if (memory->has_endings)
    return endings;
  const CallFacts *facts = field_call_facts(context);
  const CallSummary *summary = field_call_summary(context);
  /* A CANCEL or refusal in an answered call was of a fork that lost. */
  bool answered = summary->outcome == OUTCOME_ANSWERED;
  for (size_t i = 0; i < facts->bye_count; i++)
    add_ending(endings, facts->byes[i]);
  if (!answered)
    add_ending(endings, facts->cancel);
  add_ending(endings, summary->decided_by);
  for (size_t i = 0; i < facts->refusal_count; i++)
    if (!answered && facts->refusals[i] != summary->decided_by)
      add_ending(endings, facts->refusals[i]);
  memory->has_endings = true;
  return endings;
}

/* --- Values ---------------------------------------------------------------------------------- */

bool field_get_at(FieldContext *context, const FieldRef *ref, size_t index, FieldValue *ret_value)
{
  const Field *field = ref->field;
  FieldValue value = {.type = field->type};

  if ((field->scope == FIELD_OF_MESSAGE && !context->message) ||
      (field->scope == FIELD_OF_STREAM) != (context->stream != NULL))
    return false;
  if (!field->many) {
    if (index > 0 || !field->get(context, &value))
      return false;
    *ret_value = value;
    return true;
  }
  const FieldList *list = field_list_of(context, ref);
  if (index >= list->count)
    return false;
  *ret_value = list->values[index];
  ret_value->type = field->type;
  return true;
}

bool field_get(FieldContext *context, const FieldRef *ref, FieldValue *ret_value)
{
  return field_get_at(context, ref, 0, ret_value);
}
