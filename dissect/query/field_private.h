/*
 * The inside of FIELDS, for field.c and the files of its getters: field_call.c, field_message.c.
 *
 * A getter of one value returns false if the field is absent.  A collector of many adds them to a
 * list; field.c keeps lists in scratch, so that each is made once.  Getters do not set the type of
 * a value: the table has it.
 */
#pragma once

#include "dissect/diagnose/finding.h"
#include "dissect/media/stream_quality.h"
#include "dissect/query/field.h"
#include "dissect/trace/call_audio.h"
#include "dissect/trace/call_facts.h"

typedef bool FieldGet(FieldContext *context, FieldValue *ret_value);
typedef void FieldCollect(FieldContext *context, Slice name, FieldList *list);

/* Every getter and collector of the table. */
#define FIELD_ONE(key, title, type, scope, octets, getter, help) FieldGet field_##getter;
#define FIELD_MANY(key, title, type, scope, octets, collector, help) FieldCollect field_##collector;
#define FIELD_NAMED FIELD_MANY
#include "dissect/query/fields.def"
#undef FIELD_ONE
#undef FIELD_MANY
#undef FIELD_NAMED

/* Of field_decoded_content. */
FieldGet field_message_decoded;

struct FieldList {
  Arena *arena;
  FieldValue *values;
  size_t count, room;
};

void field_list_add(FieldList *list, FieldValue value);

static inline void field_list_add_text(FieldList *list, Slice text)
{
  if (text.data)
    field_list_add(list, (FieldValue){.text = text});
}

/* Texts that are in the list already, in any case, are not added again. */
typedef struct {
  FieldList *list;
  GTree *seen; /* Slice * in the list's arena */
} FieldTexts;

FieldTexts field_texts_new(FieldList *list);
void field_texts_add(FieldTexts *texts, Slice text);
void field_texts_clear(FieldTexts *texts);

static inline bool field_give_text(FieldValue *ret_value, Slice text)
{
  ret_value->text = text;
  return text.data != NULL;
}

static inline bool field_give_string(FieldValue *ret_value, const char *text)
{
  return field_give_text(ret_value, slice_from_string(text));
}

static inline bool field_give_integer(FieldValue *ret_value, int64_t integer)
{
  ret_value->integer = integer;
  return true;
}

static inline bool field_give_truth(FieldValue *ret_value, bool truth)
{
  ret_value->truth = truth;
  return true;
}

enum { FIELD_ENDINGS_MAX = 8 };

/* RFC 3326: what may carry a Reason; the likeliest first. */
typedef struct {
  const Message *messages[FIELD_ENDINGS_MAX];
  size_t count;
} CallEndings;

const CallEndings *field_call_endings(FieldContext *context);
/* Of the stream that is looked at. */
typedef struct {
  MediaOwner owners[MEDIA_OWNERS_MAX]; /* the first one counts, if has_owner */
  bool has_owner;
  const RtpStream *opposite; /* NULL: there is none */
  StreamQuality quality;
} StreamFacts;

const StreamFacts *field_stream_facts(FieldContext *context);

typedef struct {
  const Finding *items;
  size_t count;
} CallFindings;

/* Of all calls, as far as they are known. */
Conversations *field_conversations(FieldContext *context);
/* What diagnosis found in the call. */
const CallFindings *field_call_findings(FieldContext *context);
const CallFacts *field_call_facts(FieldContext *context);
const CallAudio *field_call_audio(FieldContext *context);
/* The request that began it, or its first message. */
const Message *field_call_began(FieldContext *context);
const CallSummary *field_call_summary(FieldContext *context);

/* The message that is looked at; of a call, the one that began it. */
const Message *field_subject(FieldContext *context);

/* A text of the call, whole and unfolded. */
Slice field_call_text(FieldContext *context, CallText which);

/* The message read again, or NULL if the store fails.  NULL gives NULL. */
const SipMsg *field_load(FieldContext *context, const Message *message);

/* The subject of field_subject, read again. */
const SipMsg *field_load_subject(FieldContext *context);

/* The message that is looked at, read again; NULL if a call is. */
const SipMsg *field_load_message(FieldContext *context);

/* A header value without folds (RFC 3261 7.3.1). */
Slice field_unfold(FieldContext *context, Slice value);

/* The first row of a header field, unfolded; absent if there is none. */
Slice field_header(FieldContext *context, const SipMsg *sip, SipHeader header);

/* The values of all its rows, unfolded; `sip` may be NULL. */
void field_collect_values(FieldContext *context, const SipMsg *sip, SipHeader header,
                          FieldList *list);

/* User-Agent, or else Server; `sip` may be NULL. */
Slice field_software(FieldContext *context, const SipMsg *sip);

/* The Q.850 cause of a message: of Reason (RFC 3326), or else of an ISUP body; false without. */
bool field_q850_cause(const SipMsg *sip, int64_t *ret_cause);

/* The values of the named field of `context`, made once. */
const FieldList *field_list_of(FieldContext *context, const FieldRef *ref);
