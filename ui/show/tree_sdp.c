/* Session descriptions (RFC 8866) in a MessageTree. */
#include "capture/language.h"
#include "dissect/sip/sdp.h"
#include "ui/show/tree_build.h"

enum { WORDS_MAX = 8 };

/* The lines, with the names of their words. */
static const struct {
  char type;
  const char *name;
  const char *words[WORDS_MAX];
} SDP_LINES[] = {
  {'v', N_("v= version"), {0}},
  {'o',
   N_("o= origin"),
   {N_("username"), N_("session id"), N_("session version"), N_("network type"), N_("address type"),
    N_("address")}},
  {'s', N_("s= session name"), {0}},
  {'i', N_("i= information"), {0}},
  {'u', N_("u= URI"), {0}},
  {'e', N_("e= email"), {0}},
  {'p', N_("p= phone"), {0}},
  {'c', N_("c= connection"), {N_("network type"), N_("address type"), N_("address")}},
  {'b', N_("b= bandwidth"), {0}},
  {'t', N_("t= time"), {N_("start"), N_("stop")}},
  {'r', N_("r= repeat"), {N_("interval"), N_("duration"), N_("offsets")}},
  {'z', N_("z= time zones"), {0}},
  {'k', N_("k= key"), {0}},
  {'m', N_("m= media"), {N_("type"), N_("port"), N_("protocol")}},
  {'a', N_("a= attribute"), {0}},
  {'y', N_("y= SSRC"), {0}},             /* GB/T 28181 */
  {'f', N_("f= media parameters"), {0}}, /* GB/T 28181 */
};

static const struct {
  const char *name;
  const char *words[WORDS_MAX];
} SDP_ATTRIBUTES[] = {
  /* RFC 8839 5.1 */
  {"candidate",
   {N_("foundation"), N_("component"), N_("transport"), N_("priority"), N_("address"), N_("port"),
    N_("typ"), N_("type")}},
  {"remote-candidates", {N_("component"), N_("address"), N_("port")}},
  {"crypto", {N_("tag"), N_("suite"), N_("key"), N_("session parameters")}}, /* RFC 4568 9.1 */
  {"fingerprint", {N_("hash"), N_("fingerprint")}},                          /* RFC 8122 5 */
  {"group", {N_("semantics")}},                                              /* RFC 5888 */
  {"rtcp", {N_("port"), N_("network type"), N_("address type"), N_("address")}},
  {"rtcp-fb", {N_("payload type"), N_("feedback")}},
  {"ssrc", {N_("SSRC"), N_("attribute")}},
  {"extmap", {N_("id"), N_("URI")}},
  {"rtpmap", {N_("payload type"), N_("encoding")}},
  {"fmtp", {N_("payload type"), N_("parameters")}},
};

static void put_named_words(TreeBuilder *tree, const char *const words[WORDS_MAX], Slice text)
{
  for (unsigned i = 0; i < WORDS_MAX && words[i]; i++) {
    Slice word = sdp_take_word(&text);
    bool last = i + 1 == WORDS_MAX || !words[i + 1];

    if (last && word.data && text.len > 0) /* all the rest */
      word.len = (size_t) (text.data + text.len - word.data);
    tree_put_part(tree, words[i], slice_trim(word));
  }
}

/* Takes the next line, and the text it was read from. */
static bool next_sdp_line(Slice *rest, SdpLine *ret_line, Slice *ret_text)
{
  Slice before = *rest;

  if (!sdp_line_next(rest, ret_line))
    return false;
  *ret_text = slice_trim(slice_head(before, before.len - rest->len));
  return true;
}

static void put_attribute(TreeBuilder *tree, Slice text, Slice value)
{
  Slice rest = value, name = slice_trim(slice_cut(&rest, ':'));
  bool valued = name.len < value.len;

  tree_begin(tree, &(TreeItem){.name = tree_format(tree, "a= %.*s", SLICE_ARG(name)),
                               .value = valued ? slice_trim(rest) : SLICE_NONE,
                               .octets = text,
                               .kind = TREE_LINE,
                               .closed = true});
  for (size_t i = 0; valued && i < G_N_ELEMENTS(SDP_ATTRIBUTES); i++)
    if (slice_eq_nocase(name, slice_from_string(SDP_ATTRIBUTES[i].name)))
      put_named_words(tree, SDP_ATTRIBUTES[i].words, rest);
  tree_end(tree);
}

/* RFC 8866 5.9: seconds since 1900, where GB/T 28181 has those since 1970: only the range that both
 * can mean is told apart. */
static Slice time_note(TreeBuilder *tree, Slice value)
{
  const uint32_t ntp_from = 2208988800; /* 1970 */
  char text[TIME_TEXT_MAX];
  uint32_t start, stop;
  Slice rest = value;

  if (slice_eq(value, SLICE("0 0")))
    return slice_from_string(_("permanent"));
  if (!slice_to_u32(sdp_take_word(&rest), &start) || !slice_to_u32(sdp_take_word(&rest), &stop) ||
      stop < start || start == 0)
    return SLICE_NONE;
  duration_format((int64_t) (stop - start) * SECOND_NS, text);
  return tree_format(tree, "%s, %s", text, start >= ntp_from ? _("since 1900") : _("since 1970"));
}

static Slice note_of(TreeBuilder *tree, const SdpLine *line)
{
  return line->type == 't' ? time_note(tree, line->value)
                           : tree_gb_sdp_note(tree, line->type, line->value);
}

static void put_sdp_lines(TreeBuilder *tree, Slice rest)
{
  SdpLine line;
  Slice text;

  while (!tree->cut && next_sdp_line(&rest, &line, &text)) {
    if (line.type == 'a') {
      put_attribute(tree, text, line.value);
      continue;
    }
    size_t i = 0;
    while (i < G_N_ELEMENTS(SDP_LINES) && SDP_LINES[i].type != line.type)
      i++;
    bool known = i < G_N_ELEMENTS(SDP_LINES);
    tree_begin(tree,
               &(TreeItem){.name = slice_from_string(known ? _(SDP_LINES[i].name) : _("line")),
                           .value = line.value,
                           .note = note_of(tree, &line),
                           .octets = text,
                           .kind = TREE_LINE,
                           .closed = true});
    if (known)
      put_named_words(tree, SDP_LINES[i].words, line.value);
    tree_end(tree);
  }
}

/* --- media descriptions --- */

/* "PCMU/8000", "opus/48000/2", or the format itself. */
static Slice codec_text(TreeBuilder *tree, const SdpCodec *codec)
{
  if (!codec->name.data)
    return slice_from_string(_("unknown"));
  if (codec->clock_rate == 0)
    return codec->name;
  if (codec->channels > 1)
    return tree_format(tree, "%.*s/%u/%u", SLICE_ARG(codec->name), codec->clock_rate,
                       codec->channels);
  return tree_format(tree, "%.*s/%u", SLICE_ARG(codec->name), codec->clock_rate);
}

/* "10.0.0.1:8000 sendrecv" */
static Slice media_note(TreeBuilder *tree, const SdpMedia *media)
{
  const char *direction = sdp_direction_name(media->direction);
  bool ipv6 = slice_find(media->connection.address, ':') < media->connection.address.len;

  if (media->refused)
    return slice_from_string(_("refused"));
  if (!media->connection.address.data)
    return slice_from_string(direction);
  return tree_format(tree, ipv6 ? "[%.*s]:%u %s" : "%.*s:%u %s",
                     SLICE_ARG(media->connection.address), media->port, direction);
}

static void put_media(TreeBuilder *tree, const SdpMedia *media, Slice text)
{
  Slice value = text;

  slice_cut(&value, '=');
  tree_begin(tree, &(TreeItem){.name = slice_from_string(_("m= media")),
                               .value = slice_trim(value),
                               .note = media_note(tree, media),
                               .octets = text,
                               .kind = TREE_LINE,
                               .style = STYLE_SDP});
  tree_put_part(tree, "type", media->type);
  sdp_take_word(&value);
  tree_put_part(tree, "port", sdp_take_word(&value));
  tree_put_part(tree, "protocol", media->protocol);
  SdpCodecIter iter = sdp_codecs(media);
  SdpCodec codec;
  while (!tree->cut && sdp_codec_next(&iter, &codec))
    tree_put(tree, &(TreeItem){.name = tree_format(tree, "format %.*s", SLICE_ARG(codec.format)),
                               .value = codec_text(tree, &codec),
                               .note = codec.fmtp,
                               .octets = codec.format,
                               .kind = TREE_PART,
                               .style = STYLE_SDP});
  put_sdp_lines(tree, media->lines);
  tree_end(tree);
}

bool tree_put_sdp(TreeBuilder *tree, Slice body)
{
  Sdp sdp;
  SdpMedia media;
  SdpLine line;
  Slice text;

  if (!sdp_parse(body, &sdp))
    return false;
  put_sdp_lines(tree, sdp.lines);
  for (Slice rest = sdp.media; !tree->cut && rest.len > 0;) {
    Slice first = rest;
    if (!next_sdp_line(&first, &line, &text) || !sdp_media_next(&sdp, &rest, &media))
      break;
    put_media(tree, &media, text);
  }
  return true;
}
