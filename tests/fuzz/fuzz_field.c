/* The bytes of two messages, a NUL between them: every field of each, and of their call. */
#include "dissect/query/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_fields(FieldContext *context)
{
  FieldValue value;

  for (size_t f = 0; f < field_count(); f++) {
    FieldRef ref = {field_at(f), SLICE("From")};
    for (size_t i = 0; field_get_at(context, &ref, i, &value); i++)
      g_assert(value.type == ref.field->type && field_compare(&value, &value) == 0);
  }
}

static void look(Trace *trace, StoreSet *stores, Slice octets)
{
  Arrival arrival = {.raw = {.octets = octets, .transport = TRANSPORT_UDP}};
  unsigned store;
  Arena scratch;

  g_assert(store_set_add_spool(stores, &store, NULL) &&
           store_append(stores, store, octets, &arrival.raw.ref, NULL) &&
           store_set_flush(stores, NULL));
  if (!arrival_parse(&arrival, 1))
    return;
  const Message *message = trace_add(trace, &arrival);
  arena_init(&scratch, 4096);
  g_auto(FieldContext) context = field_context(trace, stores, &scratch);
  field_look_at_message(&context, message);
  read_fields(&context);
  field_look_at_call(&context, message->transaction->call);
  read_fields(&context);
  arena_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  g_autoptr(StoreSet) stores = store_set_new();
  Slice rest = slice_of((const char *) data, size);

  trace_note_time(trace, 0, 0);
  look(trace, stores, slice_cut(&rest, '\0'));
  look(trace, stores, rest);
  return 0;
}
