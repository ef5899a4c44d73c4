/* Getters of session descriptions. */
#include "dissect/query/field_private.h"

#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"

static bool read_sdp(FieldContext *context, const Message *message, Sdp *ret_sdp)
{
  bool has_sdp = message && message->flags & MESSAGE_HAS_SDP; /* others need not be read */
  const SipMsg *sip = has_sdp ? field_load(context, message) : NULL;

  return sip && sdp_parse(sip_msg_sdp(sip), ret_sdp);
}

static void add_codecs(FieldTexts *texts, const SdpMedia *media)
{
  SdpCodecIter codecs = sdp_codecs(media);
  SdpCodec codec;

  while (sdp_codec_next(&codecs, &codec))
    field_texts_add(texts, codec.name.data ? codec.name : codec.format);
}

/* Names of the codecs of all media that were not refused, each once, in their order. */
static void collect_codecs(FieldContext *context, const Message *message, FieldList *list)
{
  FieldTexts texts = field_texts_new(list);
  SdpMedia media;
  Sdp sdp;

  if (read_sdp(context, message, &sdp))
    for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);)
      if (!media.refused)
        add_codecs(&texts, &media);
  field_texts_clear(&texts);
}

static void collect_media(FieldContext *context, const Message *message, FieldList *list)
{
  FieldTexts texts = field_texts_new(list);
  SdpMedia media;
  Sdp sdp;

  if (read_sdp(context, message, &sdp))
    for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);)
      if (!media.refused)
        field_texts_add(&texts, media.type);
  field_texts_clear(&texts);
}

void field_call_codecs_offered(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_codecs(context, field_call_facts(context)->offer, list);
}

void field_call_codecs_chosen(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_codecs(context, field_call_facts(context)->answer, list);
}

void field_call_media(FieldContext *context, Slice name, FieldList *list)
{
  const CallFacts *facts = field_call_facts(context);

  (void) name;
  collect_media(context, facts->answer ? facts->answer : facts->offer, list);
}

void field_message_codecs(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_codecs(context, context->message, list);
}

void field_message_media(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_media(context, context->message, list);
}
