/*
 * FIELDS: the typed facts of calls and messages, each written once.
 *
 * Columns, sorting, the display filter, JSON, CSV and the help all read this table.  A getter
 * gives a typed value, never text; how it looks is the view's matter.  Some facts have several
 * values (endpoints, codecs): they are asked for by index until there are no more.
 */
#pragma once

#include "capture/store.h"
#include "dissect/query/field_value.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/trace/trace.h"

/* What a field is asked of. */
typedef enum {
  FIELD_OF_CALL,    /* call.* */
  FIELD_OF_MESSAGE, /* message.* */
  FIELD_OF_EITHER,  /* from.*, header[...]: of the message, or of the request that began the call */
} FieldScope;

typedef struct FieldMemory FieldMemory;

/* One call or message that is looked at; keeps what had to be worked out or read for it. */
typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  Arena *scratch; /* reset by whoever owns it, before the next field_look_at_* */
  const Call *call;
  const Message *message; /* NULL when the call is looked at */
  bool unreadable;        /* the store failed: facts of octets are absent */
  /* So many values of a field that has many are wanted, those behind may be absent; 0: all. */
  size_t enough;

  /* The table's own.  The summary is good for all messages of a call. */
  FieldMemory *memory; /* in scratch */
  CallSummary summary;
  int64_t summary_now_ns;
  uint32_t summary_call, summary_messages; /* call number, 0: none; messages it had */
} FieldContext;

FieldContext field_context(const Trace *trace, const StoreSet *stores, Arena *scratch);
void field_look_at_call(FieldContext *context, const Call *call);
void field_look_at_message(FieldContext *context, const Message *message);

/* The same of a message whose octets are at hand: it is not read again. */
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
  bool model_knows;  /* needs_octets, but not when a call is looked at */
  bool takes_name;   /* header["X-Account"]: wants a name in brackets */
  /* How field_get_at comes by its value or values; one of the two. */
  bool (*get)(FieldContext *context, FieldValue *ret_value);
  void (*collect)(FieldContext *context, Slice name, FieldList *list);
} Field;

/* A field as users name it, with the name in brackets if it takes one. */
typedef struct {
  const Field *field;
  Slice name; /* borrowed from the text it was read from */
} FieldRef;

size_t field_count(void);
const Field *field_at(size_t index);

/* By key or by one of Wireshark's spellings ("sip.Call-ID"), any case; NULL when there is none. */
const Field *field_find(Slice key);

/* Wireshark's spellings, and the keys they stand for. */
size_t field_alias_count(void);
const char *field_alias_at(size_t index, const char **ret_key);

/* All that a FIELD_ENUM can be, ended by NULL; NULL where that is not known beforehand. */
const char *const *field_words(const Field *field);

/* The key or spelling nearest to a mistyped one, or NULL when none is near. */
const char *field_nearest(Slice key);

/*
 * Reads `call.start` or `header["X-Account"]` from the start of *text and goes on behind it;
 * "sip.Expires" stands for header["Expires"], and so on.
 */
G_GNUC_WARN_UNUSED_RESULT bool field_ref_parse(Slice *text, FieldRef *ret_ref, GError **error);

/* The first value; false when the fact is absent. */
bool field_get(FieldContext *context, const FieldRef *ref, FieldValue *ret_value);
bool field_get_at(FieldContext *context, const FieldRef *ref, size_t index, FieldValue *ret_value);

/* Order of two values of the same type: strings by octets without case, addresses by number. */
int field_compare(const FieldValue *a, const FieldValue *b);
