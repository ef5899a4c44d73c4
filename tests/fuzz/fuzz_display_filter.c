/* The text of a display filter; if it compiles, it is applied to a trace of one message. */
#include "dissect/query/display_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OCTETS                                                                                     \
  "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCall-ID: 1\r\n"     \
  "CSeq: 1 INVITE\r\nFrom: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\n\r\n"

static void ask(const DisplayFilter *filter, Arrival *arrival, const StoreSet *stores)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  Arena scratch;

  arena_init(&scratch, 1024);
  trace_note_time(trace, 1, 1);
  g_auto(FieldContext) context = field_context(trace, stores, &scratch);
  field_look_at_message(&context, trace_add(trace, arrival));
  bool message = display_filter_match(filter, &context);
  g_autofree CallBits *calls = display_filter_calls(filter, &context);
  g_autoptr(GPtrArray) messages = display_filter_messages(filter, &context);
  g_assert(messages->len == message && calls->bits[0] <= 1);
  arena_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup((const char *) data, size);
  g_autoptr(DisplayFilter) filter = display_filter_new(text, NULL);
  g_autoptr(StoreSet) stores = store_set_new();
  Arrival arrival = {.raw = {.octets = SLICE(OCTETS)}};
  unsigned store;

  if (filter && store_set_add_spool(stores, &store, NULL) && arrival_parse(&arrival, 1) &&
      store_append(stores, store, arrival.raw.octets, &arrival.raw.ref, NULL) &&
      store_set_flush(stores, NULL))
    ask(filter, &arrival, stores);
  return 0;
}
