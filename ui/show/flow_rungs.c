#include "ui/show/flow_rungs.h"

#include <stdlib.h>

#include "capture/language.h"
#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/gb_play.h"
#include "dissect/sip/sip_dtmf.h"
#include "ui/show/ladder.h"

typedef struct {
  uint32_t number;
  bool waiting;         /* in the queue */
  const Call *call;     /* valid until flow_rungs_sync drops it */
  const Message *taken; /* its newest message among the rungs */
} FlowCall;

struct FlowRungs {
  const Trace *trace;
  GArray *calls;           /* FlowCall */
  GHashTable *numbers;     /* of the calls */
  GArray *queue;           /* uint32_t, indexes of calls: a heap by the next message of each */
  GArray *rungs;           /* FlowRung */
  GArray *late;            /* FlowRung: taken out of order, and not settled yet */
  const Message *earliest; /* of the late ones */
  uint64_t seen_messages;  /* of the trace, when calls were last checked for new ones */
  uint64_t seen_evicted;
};

FlowRungs *flow_rungs_new(const Trace *trace)
{
  FlowRungs *rungs = g_new0(FlowRungs, 1);

  rungs->trace = trace;
  rungs->calls = g_array_new(FALSE, FALSE, sizeof(FlowCall));
  rungs->numbers = g_hash_table_new(NULL, NULL);
  rungs->queue = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  rungs->rungs = g_array_new(FALSE, FALSE, sizeof(FlowRung));
  rungs->late = g_array_new(FALSE, FALSE, sizeof(FlowRung));
  rungs->seen_evicted = trace_counts(trace)->evicted_calls;
  return rungs;
}

void flow_rungs_free(FlowRungs *rungs)
{
  if (!rungs)
    return;
  g_array_unref(rungs->calls);
  g_hash_table_unref(rungs->numbers);
  g_array_unref(rungs->queue);
  g_array_unref(rungs->rungs);
  g_array_unref(rungs->late);
  g_free(rungs);
}

/* --- calls --- */

static FlowCall *call_at(const FlowRungs *rungs, size_t index)
{
  return &g_array_index(rungs->calls, FlowCall, index);
}

bool flow_rungs_add_call(FlowRungs *rungs, uint32_t number)
{
  FlowCall call = {.number = number, .call = trace_call(rungs->trace, number)};

  if (!call.call || rungs->calls->len >= FLOW_CALLS_MAX ||
      !g_hash_table_add(rungs->numbers, GUINT_TO_POINTER(number)))
    return false;
  g_array_append_val(rungs->calls, call);
  rungs->seen_messages = 0;
  return true;
}

bool flow_rungs_has_call(const FlowRungs *rungs, uint32_t number)
{
  return g_hash_table_contains(rungs->numbers, GUINT_TO_POINTER(number));
}

size_t flow_rungs_call_count(const FlowRungs *rungs)
{
  return rungs->calls->len;
}

uint32_t flow_rungs_call_at(const FlowRungs *rungs, size_t index)
{
  return call_at(rungs, index)->number;
}

GArray *flow_rungs_call_numbers(const FlowRungs *rungs)
{
  GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));

  for (size_t i = 0; i < rungs->calls->len; i++)
    g_array_append_val(numbers, call_at(rungs, i)->number);
  return numbers;
}

uint64_t flow_rungs_expected(const FlowRungs *rungs)
{
  uint64_t all = 0;

  for (size_t i = 0; i < rungs->calls->len; i++)
    all += call_at(rungs, i)->call->messages;
  return all;
}

bool flow_rungs_sync(FlowRungs *rungs)
{
  uint64_t evicted = trace_counts(rungs->trace)->evicted_calls;
  unsigned kept = 0;

  if (evicted == rungs->seen_evicted)
    return false;
  rungs->seen_evicted = evicted;
  for (size_t i = 0; i < rungs->calls->len; i++) {
    FlowCall call = *call_at(rungs, i);

    if (trace_call(rungs->trace, call.number) == call.call)
      *call_at(rungs, kept++) = call;
    else
      g_hash_table_remove(rungs->numbers, GUINT_TO_POINTER(call.number));
  }
  if (kept == rungs->calls->len)
    return false;
  g_array_set_size(rungs->calls, kept);
  g_array_set_size(rungs->rungs, 0);
  g_array_set_size(rungs->late, 0);
  g_array_set_size(rungs->queue, 0);
  rungs->seen_messages = 0;
  for (size_t i = 0; i < kept; i++) {
    call_at(rungs, i)->taken = NULL;
    call_at(rungs, i)->waiting = false;
  }
  return true;
}

/* --- the next message of all calls --- */

static int compare_messages(const Message *a, const Message *b)
{
  if (a->frame != b->frame)
    return a->frame < b->frame ? -1 : 1;
  return a->number < b->number ? -1 : a->number > b->number;
}

static const Message *next_of(const FlowCall *call)
{
  return call->taken ? call->taken->next : call->call->first;
}

static uint32_t *queue_at(const FlowRungs *rungs, size_t place)
{
  return &g_array_index(rungs->queue, uint32_t, place);
}

/* Swaps two places of the queue if the second one must come first. */
static bool put_sooner_first(const FlowRungs *rungs, size_t first, size_t second)
{
  uint32_t *a = queue_at(rungs, first), *b = queue_at(rungs, second), call = *a;

  if (compare_messages(next_of(call_at(rungs, *b)), next_of(call_at(rungs, *a))) >= 0)
    return false;
  *a = *b;
  *b = call;
  return true;
}

static void sift_up(FlowRungs *rungs, size_t place)
{
  while (place > 0 && put_sooner_first(rungs, (place - 1) / 2, place))
    place = (place - 1) / 2;
}

static void sift_down(FlowRungs *rungs)
{
  size_t count = rungs->queue->len;

  for (size_t place = 0, child = 1; child < count; place = child, child = 2 * place + 1) {
    if (child + 1 < count && compare_messages(next_of(call_at(rungs, *queue_at(rungs, child + 1))),
                                              next_of(call_at(rungs, *queue_at(rungs, child)))) < 0)
      child++;
    if (!put_sooner_first(rungs, place, child))
      return;
  }
}

/* Queues the calls that have got messages since. */
static void queue_calls(FlowRungs *rungs)
{
  uint64_t messages = trace_counts(rungs->trace)->messages;

  if (messages == rungs->seen_messages)
    return;
  rungs->seen_messages = messages;
  for (uint32_t i = 0; i < rungs->calls->len; i++) {
    FlowCall *call = call_at(rungs, i);

    if (call->waiting || !next_of(call))
      continue;
    call->waiting = true;
    g_array_append_val(rungs->queue, i);
    sift_up(rungs, rungs->queue->len - 1);
  }
}

FlowRung *flow_rungs_take(FlowRungs *rungs)
{
  FlowRung rung = {0};

  queue_calls(rungs);
  if (rungs->queue->len == 0)
    return NULL;
  FlowCall *call = call_at(rungs, *queue_at(rungs, 0));
  rung.message = call->taken = next_of(call);
  call->waiting = next_of(call) != NULL;
  if (!call->waiting) {
    *queue_at(rungs, 0) = *queue_at(rungs, rungs->queue->len - 1);
    g_array_set_size(rungs->queue, rungs->queue->len - 1);
  }
  sift_down(rungs);
  size_t count = rungs->rungs->len;
  bool is_late =
    count > 0 && compare_messages(rung.message, flow_rungs_at(rungs, count - 1)->message) < 0;
  GArray *to = is_late ? rungs->late : rungs->rungs;
  if (is_late && (rungs->late->len == 0 || compare_messages(rung.message, rungs->earliest) < 0))
    rungs->earliest = rung.message;
  g_array_append_val(to, rung);
  return &g_array_index(to, FlowRung, to->len - 1);
}

/* --- rungs --- */

size_t flow_rungs_count(const FlowRungs *rungs)
{
  return rungs->rungs->len;
}

FlowRung *flow_rungs_at(const FlowRungs *rungs, size_t index)
{
  return &g_array_index(rungs->rungs, FlowRung, index);
}

size_t flow_rungs_find(const FlowRungs *rungs, const Message *message)
{
  size_t low = 0, high = rungs->rungs->len;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (compare_messages(flow_rungs_at(rungs, middle)->message, message) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Messages are numbered as they arrive: in the order of their frames, except for late ones. */
const Message *flow_rungs_message(const FlowRungs *rungs, uint32_t number)
{
  enum { LATE = 256 };
  size_t low = 0, high = flow_rungs_count(rungs);

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (flow_rungs_at(rungs, middle)->message->number < number)
      low = middle + 1;
    else
      high = middle;
  }
  size_t end = MIN(low + LATE, flow_rungs_count(rungs));
  for (size_t i = low - MIN(low, (size_t) LATE); i < end; i++)
    if (flow_rungs_at(rungs, i)->message->number == number)
      return flow_rungs_at(rungs, i)->message;
  return NULL;
}

size_t flow_rungs_late_count(const FlowRungs *rungs)
{
  return rungs->late->len;
}

size_t flow_rungs_late_place(const FlowRungs *rungs)
{
  return rungs->late->len > 0 ? flow_rungs_find(rungs, rungs->earliest) : rungs->rungs->len;
}

static int compare_rungs(const void *a, const void *b)
{
  return compare_messages(((const FlowRung *) a)->message, ((const FlowRung *) b)->message);
}

/* Both are merged from their ends, so that every rung is moved once. */
void flow_rungs_settle(FlowRungs *rungs)
{
  size_t count = rungs->rungs->len, late = rungs->late->len;

  if (late == 0)
    return;
  size_t first = flow_rungs_late_place(rungs);
  g_array_sort(rungs->late, compare_rungs);
  const FlowRung *from = (const FlowRung *) (const void *) rungs->late->data;
  g_array_set_size(rungs->rungs, (guint) (count + late));
  for (size_t to = count + late; late > 0;) {
    bool moves =
      count > first && compare_rungs(flow_rungs_at(rungs, count - 1), &from[late - 1]) > 0;
    *flow_rungs_at(rungs, --to) = moves ? *flow_rungs_at(rungs, --count) : from[--late];
  }
  g_array_set_size(rungs->late, 0);
}

/* --- what a rung says --- */

enum {
  KEPT = 1024,      /* more than any screen shows */
  PHRASE_MAX = 200, /* bytes */
  SDP_MAX = 512,
  SCRATCH_FIRST = 4096,
  CODECS_SHORT = 2,
  CODECS_LINE = 12,
  MEDIA_LINE = 8,
};

void flow_label_append_phrase(GString *to, const SipMsg *msg)
{
  char words[GB_PLAY_TEXT_MAX];
  SipDigit digit;
  GbPlay play;

  if (!msg->is_request)
    g_string_append_len(to, msg->reason.data, (gssize) msg->reason.len);
  else if (sip_msg_digit(msg, &digit))
    g_string_append_printf(to, "DTMF %c", digit.digit);
  else if (sip_msg_gb_play(msg, &play))
    g_string_append(to, gb_play_format(&play, words));
}

void flow_label_append_name(GString *to, const Trace *trace, const Message *message, Slice phrase)
{
  if (message_is_request(message)) {
    Slice method = trace_method_name(trace, message->method);

    g_string_append_len(to, method.data, (gssize) method.len);
  } else {
    status_append(to, message->status);
  }
  if (phrase.len > 0) {
    g_string_append_c(to, ' ');
    g_string_append_len(to, phrase.data, (gssize) phrase.len);
  }
}

void flow_label_append(GString *to, const Trace *trace, const Message *message, Slice phrase)
{
  flow_label_append_name(to, trace, message, phrase);
  if (message->flags & MESSAGE_HAS_SDP)
    g_string_append(to, " (SDP)");
}

unsigned flow_label_marks(const Message *message)
{
  return (message->flags & MESSAGE_RETRANSMISSION ? LADDER_RETRANSMISSION : 0U) |
         (message->flags & MESSAGE_DUPLICATE ? LADDER_DUPLICATE : 0U) |
         (message->flags & MESSAGE_INCOMPLETE ? LADDER_INCOMPLETE : 0U);
}

void flow_fit_clock(Clock *clock, int64_t start_ns, int64_t end_ns, unsigned width)
{
  enum { WIDE = 100 };

  clock->date = clock_day(clock, start_ns) != clock_day(clock, end_ns);
  clock->digits = width >= WIDE ? 6 : 3;
}

/* --- session descriptions --- */

static void append_slice(GString *to, Slice s)
{
  g_string_append_len(to, s.data, (gssize) s.len);
}

/* Tones and comfort noise are offered with every codec. */
static bool is_worth_showing(const SdpCodec *codec)
{
  return !slice_eq_nocase(codec->name, SLICE("telephone-event")) &&
         !slice_eq_nocase(codec->name, SLICE("CN"));
}

/* "PCMU PCMA+2" */
static void append_codecs(GString *to, const SdpMedia *media, unsigned most)
{
  SdpCodecIter codecs = sdp_codecs(media);
  unsigned count = 0, more = 0;
  SdpCodec codec;

  while (sdp_codec_next(&codecs, &codec)) {
    if (!is_worth_showing(&codec))
      continue;
    if (count == most) {
      more++;
      continue;
    }
    if (count++ > 0)
      g_string_append_c(to, ' ');
    append_slice(to, codec.name.data ? codec.name : codec.format);
  }
  if (more > 0)
    g_string_append_printf(to, "+%u", more);
}

/* RFC 3264 8.4: a stream on hold; in RFC 2543 B.5 an address of zeros.  Before all that may be cut
 * off. */
static void append_hold(GString *to, const SdpMedia *media)
{
  if (slice_eq(media->connection.address, SLICE("0.0.0.0")))
    g_string_append(to, _("hold "));
  else if (media->direction != SDP_SENDRECV)
    g_string_append_printf(to, "%s ", sdp_direction_name(media->direction));
}

void flow_label_append_sdp(GString *to, Slice text)
{
  SdpMedia media;
  Sdp sdp;
  size_t count = 0;

  if (!sdp_parse(text, &sdp))
    return;
  for (Slice rest = sdp.media; count < MEDIA_LINE && sdp_media_next(&sdp, &rest, &media);) {
    if (media.refused)
      continue;
    if (count++ == 0) {
      append_hold(to, &media);
      append_codecs(to, &media, CODECS_SHORT);
    } else {
      g_string_append_c(to, '+');
      append_slice(to, media.type);
    }
  }
  if (count == 0)
    g_string_append(to, sdp.media.len > 0 ? _("refused") : "SDP");
}

static void append_media(GString *to, const SdpMedia *media)
{
  Slice address = media->connection.address;
  bool ipv6 = slice_find(address, ':') < address.len;

  append_slice(to, media->type);
  if (media->refused) {
    g_string_append(to, _(" refused"));
    return;
  }
  g_string_append_c(to, ' ');
  append_hold(to, media);
  g_string_append(to, ipv6 ? "[" : "");
  append_slice(to, address.data ? address : SLICE("?"));
  g_string_append_printf(to, ipv6 ? "]:%u " : ":%u ", media->port);
  append_codecs(to, media, CODECS_LINE);
}

void flow_label_append_sdp_line(GString *to, Slice text)
{
  SdpMedia media;
  Sdp sdp;
  size_t count = 0;

  if (!sdp_parse(text, &sdp))
    return;
  for (Slice rest = sdp.media; count < MEDIA_LINE && sdp_media_next(&sdp, &rest, &media);) {
    if (count++ > 0)
      g_string_append(to, _(", "));
    append_media(to, &media);
  }
  if (count == 0)
    g_string_append(to, _("no media"));
}

/* --- texts of messages --- */

typedef struct {
  const Message *message;
  char *text; /* phrase, short and line, one after the other */
  uint16_t phrase_len, short_len, line_len;
} Kept;

struct FlowTexts {
  const StoreSet *stores;
  Arena scratch;
  GString *text;
  Kept kept[KEPT];
  bool unreadable;
};

FlowTexts *flow_texts_new(const StoreSet *stores)
{
  FlowTexts *texts = g_new0(FlowTexts, 1);

  texts->stores = stores;
  texts->text = g_string_new(NULL);
  arena_init(&texts->scratch, SCRATCH_FIRST);
  return texts;
}

void flow_texts_reset(FlowTexts *texts)
{
  for (size_t i = 0; i < KEPT; i++) {
    g_free(texts->kept[i].text);
    texts->kept[i] = (Kept){0};
  }
}

void flow_texts_free(FlowTexts *texts)
{
  if (!texts)
    return;
  flow_texts_reset(texts);
  arena_clear(&texts->scratch);
  g_string_free(texts->text, TRUE);
  g_free(texts);
}

/* Cuts what was appended after `start` to `most` bytes; returns its length. */
static uint16_t limit(GString *text, size_t start, size_t most)
{
  if (text->len - start > most)
    g_string_truncate(text, start + most);
  return (uint16_t) (text->len - start);
}

static size_t hold_len(Slice sdp_short)
{
  static const char *const WORDS[] = {N_("hold "), "sendonly ", "recvonly ", "inactive "};

  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (slice_starts_with(sdp_short, slice_from_string(_(WORDS[i]))))
      return strlen(_(WORDS[i])) - 1;
  return 0;
}

FlowText flow_texts_of(FlowTexts *texts, const Message *message)
{
  Kept *kept = &texts->kept[message->number % KEPT];

  if (kept->message != message) {
    g_free(kept->text);
    *kept = (Kept){.message = message};
    GString *text = texts->text;
    SipMsg sip;
    arena_reset(&texts->scratch);
    g_string_truncate(text, 0);
    bool read = message_load(message, texts->stores, &texts->scratch, &sip, NULL);
    texts->unreadable |= !read;
    if (read)
      flow_label_append_phrase(text, &sip);
    else if (!message_is_request(message))
      g_string_append(text, sip_status_text(message->status));
    kept->phrase_len = limit(text, 0, PHRASE_MAX);
    Slice sdp = read && message->flags & MESSAGE_HAS_SDP ? sip_msg_sdp(&sip) : SLICE_NONE;
    size_t start = text->len;
    flow_label_append_sdp(text, sdp);
    kept->short_len = limit(text, start, SDP_MAX);
    start = text->len;
    flow_label_append_sdp_line(text, sdp);
    kept->line_len = limit(text, start, SDP_MAX);
    kept->text = g_memdup2(text->str, text->len + 1); /* with its NUL: never empty */
  }
  const char *at = kept->text;
  return (FlowText){
    .phrase = slice_of(at, kept->phrase_len),
    .sdp_short = slice_of(at + kept->phrase_len, kept->short_len),
    .hold_len = hold_len(slice_of(at + kept->phrase_len, kept->short_len)),
    .sdp_line = slice_of(at + kept->phrase_len + kept->short_len, kept->line_len),
  };
}

bool flow_texts_readable(const FlowTexts *texts)
{
  return !texts->unreadable;
}
