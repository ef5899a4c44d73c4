/*
 * FIELDS: the typed fields of calls and messages, each defined once.
 *
 * Columns, sorting, the display filter, JSON, CSV and the help all read this table.  A getter
 * returns a typed value, never text; how it looks is up to the view.  Some fields have several
 * values (endpoints, codecs): they are read by index until there are no more.
 */
#pragma once

#include "capture/store.h"
#include "dissect/diagnose/endpoint_names.h"
#include "dissect/query/field_value.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/trace/trace.h"

/* What has the field. */
typedef enum {
  FIELD_OF_CALL,    /* call.* */
  FIELD_OF_MESSAGE, /* message.* */
  FIELD_OF_STREAM,  /* stream.* */
  FIELD_OF_EITHER,  /* from.*, header[...]: of the message, or of the request that began the call */
} FieldScope;

typedef struct Conversations Conversations; /* dissect/diagnose/conversations.h */
typedef struct Diagnoser Diagnoser;         /* dissect/diagnose/diagnosis.h */
typedef struct FieldMemory FieldMemory;

/* One call, message or stream that is looked at; keeps what was worked out or read for it. */
typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  Arena *scratch; /* reset by whoever owns it, before the next field_look_at_* */
  const Call *call;
  const Message *message;  /* NULL if the call is looked at */
  const RtpStream *stream; /* of RTP; then there is neither call nor message */
  bool unreadable;         /* the store failed: fields that need bytes are absent */
  /* How many values of a field with many are needed: those after may be absent; 0: all. */
  size_t enough;
  EndpointNames names;          /* in sentences of findings */
  uint32_t diagnosed_most;      /* calls of more messages are not diagnosed; 0: all are */
  Conversations *conversations; /* of whoever shares them; NULL: `own_conversations` */

  /* The table's own.  The summary is good for all messages of a call. */
  FieldMemory *memory;              /* in scratch */
  Diagnoser *diagnoser;             /* made when findings are first asked for, or NULL */
  Conversations *own_conversations; /* made when legs are first asked for, or NULL */
  CallSummary summary;
  int64_t summary_now_ns;
  uint32_t summary_call, summary_messages; /* call number, 0: none; messages it had */
} FieldContext;

FieldContext field_context(const Trace *trace, const StoreSet *stores, Arena *scratch);
/* Another one with the same names and conversations. */
FieldContext field_context_like(const FieldContext *other, Arena *scratch);
/* Before the trace is freed. */
void field_context_clear(FieldContext *context);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FieldContext, field_context_clear)

void field_look_at_call(FieldContext *context, const Call *call);
void field_look_at_message(FieldContext *context, const Message *message);
void field_look_at_stream(FieldContext *context, const RtpStream *stream);

/* The same for a message that is parsed already: it is not read again, but decoded if need be. */
void field_look_at_parsed(FieldContext *context, const Message *message, const SipMsg *sip);

typedef struct FieldList FieldList;

typedef struct {
  const char *key;   /* "call.duration" */
  const char *title; /* of its column: "Duration" */
  const char *help;  /* one sentence for `rung help fields` */
  FieldType type;
  FieldScope scope;
  bool many;         /* may have more than one value */
  bool needs_octets; /* reads the message back from the store */
  bool model_knows;  /* needs_octets, but not if a call is looked at */
  bool needs_media;  /* offers and answers must be kept: trace_follow_media */
  bool takes_name;   /* header["X-Account"]: needs a name in brackets */
  /* How field_get_at gets its value or values; one of the two. */
  bool (*get)(FieldContext *context, FieldValue *ret_value);
  void (*collect)(FieldContext *context, Slice name, FieldList *list);
} Field;

/* A field as users name it, with the name in brackets if it takes one. */
typedef struct {
  const Field *field;
  Slice name; /* borrowed from the text it was read from */
} FieldRef;

/* Of numbers, which columns align at the right. */
static inline bool field_is_number(const Field *field)
{
  return !field->many && (field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL ||
                          field->type == FIELD_DURATION);
}

/* Has a call the field? */
static inline bool field_is_of_calls(const Field *field)
{
  return field->scope == FIELD_OF_CALL || field->scope == FIELD_OF_EITHER;
}

size_t field_count(void);
const Field *field_at(size_t index);

/* The content of a message, only where that is not among its bytes: its body is compressed.  Not in
 * the table. */
const Field *field_decoded_content(void);

/* By key or by one of Wireshark's spellings ("sip.Call-ID"), any case; NULL if unknown. */
const Field *field_find(Slice key);

/* Wireshark's spellings, and the keys they mean. */
size_t field_alias_count(void);
const char *field_alias_at(size_t index, const char **ret_key);

/* All words that a FIELD_ENUM can be, ended by NULL; NULL if that is not known beforehand. */
const char *const *field_words(const Field *field);

/* The key or spelling nearest to a mistyped one, or NULL if none is near. */
const char *field_nearest(Slice key);

/*
 * Reads `call.start` or `header["X-Account"]` from the start of *text, which then starts after it;
 * "sip.Expires" means header["Expires"], and so on.
 */
G_GNUC_WARN_UNUSED_RESULT bool field_ref_parse(Slice *text, FieldRef *ret_ref, GError **error);

/* The first value; false if the field is absent. */
bool field_get(FieldContext *context, const FieldRef *ref, FieldValue *ret_value);
bool field_get_at(FieldContext *context, const FieldRef *ref, size_t index, FieldValue *ret_value);

/* Order of two values of the same type: strings by bytes without case, addresses by number. */
int field_compare(const FieldValue *a, const FieldValue *b);
