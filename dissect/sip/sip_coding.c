#include "dissect/sip/sip_coding.h"

#include "capture/inflate.h"
#include "dissect/sip/sip_values.h"

typedef enum {
  CODING_IDENTITY,
  CODING_GZIP,
  CODING_DEFLATE,
  CODING_OTHER,
} Coding;

static Coding coding_of(Slice name)
{
  if (slice_eq_nocase(name, SLICE("gzip")) || slice_eq_nocase(name, SLICE("x-gzip")))
    return CODING_GZIP;
  if (slice_eq_nocase(name, SLICE("deflate")))
    return CODING_DEFLATE;
  return name.len == 0 || slice_eq_nocase(name, SLICE("identity")) ? CODING_IDENTITY : CODING_OTHER;
}

/* RFC 1950 2.2.  Some senders leave the zlib header out (RFC 9110 8.4.1.2). */
static bool has_zlib_header(Slice s)
{
  const uint8_t *p = (const uint8_t *) s.data;

  return s.len >= 2 && (p[0] & 0x0f) == 8 && (p[0] << 8 | p[1]) % 31 == 0;
}

/* Takes one coding off *content; `most`: what may come out. */
static void inflate_content(SipContent *content, Coding coding, size_t most, Arena *arena)
{
  g_autoptr(GByteArray) out = g_byte_array_new();
  Slice rest = content->bytes;
  InflateForm form = coding == CODING_GZIP   ? INFLATE_GZIP
                     : has_zlib_header(rest) ? INFLATE_ZLIB
                                             : INFLATE_RAW;
  g_autoptr(Inflater) inflater = inflater_new(form, INFLATE_WINDOW_BITS_MAX);
  InflateResult result = inflater_feed(inflater, &rest, out, most);

  /* RFC 1952 2.2: several members may follow one another. */
  while (result == INFLATE_ENDED && form == INFLATE_GZIP &&
         slice_starts_with(rest, SLICE("\x1f\x8b"))) {
    inflater_reset(inflater);
    result = inflater_feed(inflater, &rest, out, most);
  }
  content->fault = content->bytes.len - rest.len;
  content->bytes = arena_dup(arena, slice_of((const char *) out->data, out->len));
  if (result == INFLATE_ENDED)
    content->state = SIP_CONTENT_DECODED;
  else
    content->state = result == INFLATE_FULL ? SIP_CONTENT_CUT : SIP_CONTENT_DAMAGED;
}

/* As they were applied, one after the other. */
typedef struct {
  Coding applied[SIP_CODINGS_MAX];
  unsigned count;
  bool unknown; /* one of them is not known, or they are too many */
} Codings;

static void add_codings(Codings *codings, Slice value)
{
  SipListIter iter = sip_list(value);
  Slice name;

  while (!codings->unknown && sip_list_next(&iter, &name)) {
    Coding coding = coding_of(name);
    if (coding == CODING_IDENTITY)
      continue;
    codings->unknown = coding == CODING_OTHER || codings->count == SIP_CODINGS_MAX;
    if (!codings->unknown)
      codings->applied[codings->count++] = coding;
  }
}

/* Takes them all off, the last one first. */
static SipContent decode(const Codings *codings, Slice body, size_t most, Arena *arena)
{
  SipContent content = {.bytes = body, .state = SIP_CONTENT_DECODED};

  most = MIN(most, MAX(body.len * SIP_CONTENT_RATIO_MAX, (size_t) SIP_CONTENT_LEAST_MAX));
  for (unsigned i = codings->count; i > 0 && content.state == SIP_CONTENT_DECODED; i--) {
    inflate_content(&content, codings->applied[i - 1], most, arena);
    if (i < codings->count) /* a place in what was sent is not known */
      content.fault = 0;
  }
  return content;
}

void sip_msg_decode(SipMsg *msg, Arena *arena)
{
  sip_msg_decode_head(msg, SIP_CONTENT_MAX, arena);
}

void sip_msg_decode_head(SipMsg *msg, size_t most, Arena *arena)
{
  SipHeaderIter iter = sip_header_iter(msg);
  Codings codings = {.count = 0};
  SipHeaderRow row;

  if (msg->content.state != SIP_CONTENT_ENCODED)
    return;
  while (sip_header_next(&iter, &row))
    if (row.header == SIP_HEADER_CONTENT_ENCODING)
      add_codings(&codings, row.value);
  if (codings.unknown)
    msg->content.state = SIP_CONTENT_UNKNOWN;
  else
    msg->content = decode(&codings, msg->body, most, arena);
}
