/* Offers that have nothing that the other side takes (RFC 3264 6, RFC 3261 20.1, 21.4.26). */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_values.h"

enum { CODECS_SAID_MAX = 8 };

/* Walks the codecs of all media that were not refused. */
typedef struct {
  Sdp sdp;
  Slice rest;
  SdpCodecIter codecs;
  bool in_media;
} CodecWalk;

static bool walk_begin(const SipMsg *sip, CodecWalk *walk)
{
  if (!sip || !sdp_parse(sip_msg_sdp(sip), &walk->sdp))
    return false;
  walk->rest = walk->sdp.media;
  walk->in_media = false;
  return true;
}

static bool walk_next(CodecWalk *walk, SdpCodec *ret_codec)
{
  SdpMedia media;

  while (true) {
    if (walk->in_media && sdp_codec_next(&walk->codecs, ret_codec))
      return true;
    if (!sdp_media_next(&walk->sdp, &walk->rest, &media))
      return false;
    walk->in_media = !media.refused;
    if (walk->in_media)
      walk->codecs = sdp_codecs(&media);
  }
}

static Slice codec_name(const SdpCodec *codec)
{
  return codec->name.data ? codec->name : codec->format;
}

/* ", offered G729, telephone-event" */
static const char *say_offered(CallCase *c, const SipMsg *sip)
{
  g_autoptr(GString) text = g_string_new(NULL);
  CodecWalk walk;
  SdpCodec codec;

  if (!walk_begin(sip, &walk))
    return "";
  for (unsigned i = 0; i < CODECS_SAID_MAX && walk_next(&walk, &codec); i++)
    g_string_append_printf(text, "%s%.*s", i > 0 ? _(", ") : _(" (offered "),
                           (int) MIN(codec_name(&codec).len, (size_t) 32), codec_name(&codec).data);
  if (text->len > 0)
    g_string_append_c(text, ')');
  return arena_copy(c->arena, text->str, text->len + 1);
}

/* Events and comfort noise carry no speech. */
static bool is_audio_codec(const SdpCodec *codec)
{
  return !slice_eq_nocase(codec_name(codec), SLICE("telephone-event")) &&
         !slice_eq_nocase(codec_name(codec), SLICE("CN"));
}

static bool has_codec(const SipMsg *sip, Slice name)
{
  CodecWalk walk;
  SdpCodec codec;

  if (!walk_begin(sip, &walk))
    return false;
  while (walk_next(&walk, &codec))
    if (is_audio_codec(&codec) && slice_eq_nocase(codec_name(&codec), name))
      return true;
  return false;
}

/* Do the two descriptions name codecs, and none that is in both?  The refusal's is that of what its
 * sender takes (RFC 3261 21.4.26, RFC 6337 2.3). */
static bool share_nothing(const SipMsg *offer, const SipMsg *refusal)
{
  CodecWalk walk;
  SdpCodec codec;
  bool is_empty = true;

  if (!walk_begin(refusal, &walk))
    return false;
  while (walk_next(&walk, &codec)) {
    if (!is_audio_codec(&codec))
      continue;
    is_empty = false;
    if (has_codec(offer, codec_name(&codec)))
      return false;
  }
  return !is_empty && walk_begin(offer, &walk);
}

/* RFC 3261 20.43: 304 media type, 305 media format, 306 attribute. */
static bool warns_of_media(const SipMsg *sip)
{
  SipHeaderIter rows = sip_header_iter(sip);
  SipHeaderRow row;

  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (row.header == SIP_HEADER_WARNING && sip_list_next(&values, &value)) {
      Slice code = slice_cut(&value, ' ');
      if (slice_eq(code, SLICE("304")) || slice_eq(code, SLICE("305")) ||
          slice_eq(code, SLICE("306")))
        return true;
    }
  }
  return false;
}

static bool is_type_accepted(Slice range, Slice type)
{
  Slice rest = range;
  Slice wanted = slice_trim(sip_cut_params(&rest)), given = slice_trim(sip_cut_params(&type));

  return slice_eq(wanted, SLICE("*/*")) || slice_eq_nocase(wanted, given) ||
         (wanted.len > 2 && wanted.data[wanted.len - 1] == '*' &&
          slice_starts_with_nocase(given, slice_head(wanted, wanted.len - 1)));
}

/* RFC 3261 8.2.3: of a 415, the Accept that lists what is taken. */
static bool accepts_other_types(const SipMsg *request, const SipMsg *refusal)
{
  SipHeaderIter rows = sip_header_iter(refusal);
  SipHeaderRow row;
  bool has_accept = false;

  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (row.header == SIP_HEADER_ACCEPT && sip_list_next(&values, &value)) {
      has_accept = true;
      if (is_type_accepted(value, request->content_type))
        return false;
    }
  }
  return has_accept && request->content_type.len > 0;
}

bool codec_findings_explain(CallCase *c, const CaseTransaction *origin, FindingList *list)
{
  unsigned status = origin->final->status;

  if ((status != 488 && status != 606 && status != 415) || !origin->request)
    return false;
  const SipMsg *request = call_case_load(c, origin->request);
  const SipMsg *refusal = call_case_load(c, origin->final);
  if (!request || !refusal)
    return false;
  bool is_type = accepts_other_types(request, refusal);
  if (!warns_of_media(refusal) && !share_nothing(request, refusal) && !(status == 415 && is_type))
    return false;
  Finding *finding = finding_add(list, FINDING_NO_COMMON_CODEC, "%s refused the call: %s, %s%s%s",
                                 say_endpoint(c, origin->final->src), say_status(c, origin->final),
                                 status == 415 && is_type ? _("it does not take this type of body")
                                                          : _("no common codec"),
                                 say_offered(c, request), say_details(c, origin->final));
  call_case_prove(finding, origin->request);
  call_case_prove(finding, origin->final);
  call_case_blame(c, finding, origin->final->src, origin->final->status);
  if (finding)
    finding->decided = true;
  return true;
}

/* How many media descriptions there are, and how many of them are refused. */
static size_t count_media(const SipMsg *sip, size_t *ret_refused)
{
  size_t count = 0;
  SdpMedia media;
  Sdp sdp;

  *ret_refused = 0;
  if (!sip || !sdp_parse(sip_msg_sdp(sip), &sdp))
    return 0;
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media); count++)
    *ret_refused += media.refused;
  return count;
}

/* Do the offers and answers that are kept show that media were agreed on?  It saves reading. */
static bool is_known_to_agree(const MediaCall *media)
{
  const MediaExchange *x =
    media && media->exchanges->len > 0 ? &g_array_index(media->exchanges, MediaExchange, 0) : NULL;

  for (size_t i = 0; x && x->answer && i < x->answer->sdp->line_count; i++)
    if (!x->answer->sdp->lines[i].refused)
      return true;
  return false;
}

/* RFC 3264 6: port 0 refuses a line.  Of the answer to the call's INVITE: a later one may end a
 * session's media. */
void codec_findings_add(CallCase *c, FindingList *list)
{
  const CaseTransaction *ct = c->decided;
  size_t offered, answered, refused;

  if (!ct || c->summary->outcome != OUTCOME_ANSWERED || c->call->method != SIP_METHOD_INVITE ||
      !ct->request || !(ct->request->flags & ct->final->flags & MESSAGE_HAS_SDP) ||
      is_known_to_agree(c->media))
    return;
  answered = count_media(call_case_load(c, ct->final), &refused);
  if (answered == 0 || refused < answered)
    return;
  offered = count_media(call_case_load(c, ct->request), &refused);
  if (offered == refused)
    return;
  Finding *finding =
    finding_add(list, FINDING_NO_COMMON_CODEC,
                "%s answered with port 0 for all that was offered: no common codec%s",
                say_endpoint(c, ct->final->src), say_offered(c, call_case_load(c, ct->request)));
  call_case_prove(finding, ct->request);
  call_case_prove(finding, ct->final);
  call_case_blame(c, finding, ct->final->src, 0);
  if (finding)
    finding->decided = true;
}
