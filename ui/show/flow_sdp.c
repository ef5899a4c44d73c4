/* A session description in a few words. */
#include "dissect/sip/sdp.h"
#include "ui/show/flow_text.h"

enum { CODECS_SHORT = 2, CODECS_LINE = 12, MEDIA_LINE = 8 };

static void append(GString *to, Slice s)
{
  g_string_append_len(to, s.data, (gssize) s.len);
}

/* Tones are offered beside every codec. */
static bool is_worth_a_word(const SdpCodec *codec)
{
  return !slice_eq_nocase(codec->name, SLICE("telephone-event")) &&
         !slice_eq_nocase(codec->name, SLICE("CN"));
}

/* "PCMU PCMA" and how many more. */
static void append_codecs(GString *to, const SdpMedia *media, unsigned most)
{
  SdpCodecIter codecs = sdp_codecs(media);
  unsigned count = 0, more = 0;
  SdpCodec codec;

  while (sdp_codec_next(&codecs, &codec)) {
    if (!is_worth_a_word(&codec))
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

/* RFC 3264 8.4: a stream on hold; RFC 2543 B.5 said it by an address of zeros. */
static const char *hold_word(const SdpMedia *media)
{
  if (slice_eq(media->connection.address, SLICE("0.0.0.0")))
    return "hold";
  return media->direction == SDP_SENDRECV ? NULL : sdp_direction_name(media->direction);
}

static void append_hold(GString *to, const SdpMedia *media)
{
  const char *word = hold_word(media);

  if (word)
    g_string_append_printf(to, " %s", word);
}

void flow_text_append_sdp_short(GString *to, Slice octets)
{
  SdpMedia media;
  Sdp sdp;
  size_t count = 0;

  if (!sdp_parse(octets, &sdp))
    return;
  for (Slice rest = sdp.media; count < MEDIA_LINE && sdp_media_next(&sdp, &rest, &media);) {
    if (media.refused)
      continue;
    if (count++ == 0) {
      append_codecs(to, &media, CODECS_SHORT);
      append_hold(to, &media);
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
  bool six = slice_find(address, ':') < address.len;

  append(to, media->type);
  if (media->refused) {
    g_string_append(to, " refused");
    return;
  }
  g_string_append(to, six ? " [" : " ");
  append(to, address.data ? address : SLICE("?"));
  g_string_append_printf(to, six ? "]:%u " : ":%u ", media->port);
  append_codecs(to, media, CODECS_LINE);
  append_hold(to, media);
}

void flow_text_append_sdp_line(GString *to, Slice octets)
{
  SdpMedia media;
  Sdp sdp;
  size_t count = 0;

  if (!sdp_parse(octets, &sdp))
    return;
  for (Slice rest = sdp.media; count < MEDIA_LINE && sdp_media_next(&sdp, &rest, &media);) {
    if (count++ > 0)
      g_string_append(to, ", ");
    append_media(to, &media);
  }
  if (count == 0)
    g_string_append(to, "no media");
}
