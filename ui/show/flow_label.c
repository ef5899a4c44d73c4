#include "ui/show/flow_label.h"

#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"
#include "ui/show/ladder.h"

enum {
  KEPT = 1024,      /* more than any screen shows */
  PHRASE_MAX = 200, /* bytes */
  SDP_MAX = 512,
  SCRATCH_FIRST = 4096,
  CODECS_SHORT = 2,
  CODECS_LINE = 12,
  MEDIA_LINE = 8,
};

void flow_label_append_name(GString *to, const Trace *trace, const Message *message, Slice phrase)
{
  if (message_is_request(message)) {
    Slice method = trace_method_name(trace, message->method);

    g_string_append_len(to, method.data, (gssize) method.len);
    return;
  }
  status_append(to, message->status);
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

static void append(GString *to, Slice s)
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
    append(to, codec.name.data ? codec.name : codec.format);
  }
  if (more > 0)
    g_string_append_printf(to, "+%u", more);
}

/* RFC 3264 8.4: a stream on hold; in RFC 2543 B.5 an address of zeros.  Before all that may be cut
 * off. */
static void append_hold(GString *to, const SdpMedia *media)
{
  if (slice_eq(media->connection.address, SLICE("0.0.0.0")))
    g_string_append(to, "hold ");
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
      append(to, media.type);
    }
  }
  if (count == 0)
    g_string_append(to, sdp.media.len > 0 ? "refused" : "SDP");
}

static void append_media(GString *to, const SdpMedia *media)
{
  Slice address = media->connection.address;
  bool ipv6 = slice_find(address, ':') < address.len;

  append(to, media->type);
  if (media->refused) {
    g_string_append(to, " refused");
    return;
  }
  g_string_append_c(to, ' ');
  append_hold(to, media);
  g_string_append(to, ipv6 ? "[" : "");
  append(to, address.data ? address : SLICE("?"));
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
      g_string_append(to, ", ");
    append_media(to, &media);
  }
  if (count == 0)
    g_string_append(to, "no media");
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

static void read_texts(FlowTexts *texts, Kept *kept)
{
  const Message *message = kept->message;
  GString *text = texts->text;
  SipMsg sip;

  arena_reset(&texts->scratch);
  g_string_truncate(text, 0);
  bool read = message_load(message, texts->stores, &texts->scratch, &sip, NULL);
  texts->unreadable |= !read;
  if (read)
    g_string_append_len(text, sip.reason.data, (gssize) sip.reason.len);
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

static size_t hold_len(Slice sdp_short)
{
  static const char *const WORDS[] = {"hold ", "sendonly ", "recvonly ", "inactive "};

  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (slice_starts_with(sdp_short, slice_from_string(WORDS[i])))
      return strlen(WORDS[i]) - 1;
  return 0;
}

FlowText flow_texts_of(FlowTexts *texts, const Message *message)
{
  Kept *kept = &texts->kept[message->number % KEPT];

  if (kept->message != message) {
    g_free(kept->text);
    *kept = (Kept){.message = message};
    read_texts(texts, kept);
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
