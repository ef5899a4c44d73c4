#include "ui/show/selection.h"

enum { ARENA_FIRST = 16 * 1024 };

typedef struct {
  Slice text;      /* as typed; absent for a message */
  uint32_t number; /* 0: it cannot be one */
  bool found;
} Name;

Selection *selection_new(void)
{
  Selection *selection = g_new0(Selection, 1);

  selection->calls = g_array_new(false, false, sizeof(Name));
  selection->messages = g_array_new(false, false, sizeof(Name));
  arena_init(&selection->scratch, ARENA_FIRST);
  return selection;
}

void selection_free(Selection *selection)
{
  if (!selection)
    return;
  g_array_unref(selection->calls);
  g_array_unref(selection->messages);
  g_clear_pointer(&selection->numbers, g_array_unref);
  g_free(selection->matched);
  arena_clear(&selection->scratch);
  g_free(selection);
}

void selection_name_call(Selection *selection, const char *text)
{
  Name name = {.text = slice_from_string(text)};

  if (!slice_to_u32(name.text, &name.number))
    name.number = 0;
  g_array_append_val(selection->calls, name);
}

void selection_name_message(Selection *selection, uint32_t number)
{
  Name name = {.number = number};

  g_array_append_val(selection->messages, name);
}

void selection_set_filter(Selection *selection, const DisplayFilter *filter)
{
  selection->filter = filter;
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
  const uint32_t *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

void selection_set_calls(Selection *selection, const uint32_t *numbers, size_t count)
{
  g_clear_pointer(&selection->numbers, g_array_unref);
  selection->numbers = g_array_new(false, false, sizeof *numbers);
  if (count > 0)
    g_array_append_vals(selection->numbers, numbers, (guint) count);
  g_array_sort(selection->numbers, compare_numbers);
}

void selection_set_message(Selection *selection, const Message *message)
{
  selection_set_calls(selection, &message->transaction->call->number, 1);
  selection_name_message(selection, message->number);
  selection->frame = message->frame;
}

void selection_bind(Selection *selection, const Trace *trace, const StoreSet *stores)
{
  selection->trace = trace;
  selection->context = field_context(trace, stores, &selection->scratch);
}

void selection_apply_filter(Selection *selection)
{
  const FieldContext *context = &selection->context;

  if (selection->filter && !selection->matched)
    selection->matched = display_filter_calls(selection->filter, context->trace, context->stores);
}

bool selection_is_all(const Selection *selection)
{
  return selection->calls->len == 0 && selection->messages->len == 0 && !selection->numbers &&
         !selection->filter;
}

static bool names_call(Selection *selection, const Call *call)
{
  bool has = selection->calls->len == 0;

  for (guint i = 0; i < selection->calls->len; i++) {
    Name *name = &g_array_index(selection->calls, Name, i);
    if (name->number == call->number || (call->call_id.data && slice_eq(name->text, call->call_id)))
      has = name->found = true;
  }
  return has;
}

bool selection_has_call(Selection *selection, const Call *call)
{
  return names_call(selection, call) &&
         (!selection->matched || display_filter_has_call(selection->matched, call));
}

bool selection_names_message(Selection *selection, const Message *message)
{
  bool has = selection->messages->len == 0;

  for (guint i = 0; i < selection->messages->len; i++) {
    Name *name = &g_array_index(selection->messages, Name, i);
    if (name->number == message->number)
      has = name->found = true;
  }
  return has && names_call(selection, message->transaction->call);
}

bool selection_matches_call(Selection *selection, const Call *call)
{
  if (!selection->filter)
    return true;
  arena_reset(&selection->scratch);
  field_look_at_call(&selection->context, call);
  return display_filter_match(selection->filter, &selection->context);
}

bool selection_matches_message(Selection *selection, const Message *message, const SipMsg *sip)
{
  if (!selection->filter)
    return true;
  arena_reset(&selection->scratch);
  field_look_at_parsed(&selection->context, message, sip);
  return display_filter_match(selection->filter, &selection->context);
}

size_t selection_call_count(const Selection *selection)
{
  return selection->numbers ? selection->numbers->len : trace_call_count(selection->trace);
}

const Call *selection_call_at(Selection *selection, size_t index)
{
  const GArray *numbers = selection->numbers;
  const Call *call =
    trace_call_at(selection->trace, numbers ? g_array_index(numbers, uint32_t, index) - 1 : index);

  return call && selection_has_call(selection, call) ? call : NULL;
}

void selection_append_missing(const Selection *selection, GPtrArray *lines)
{
  for (guint i = 0; i < selection->calls->len; i++) {
    const Name *name = &g_array_index(selection->calls, Name, i);
    if (!name->found)
      g_ptr_array_add(lines, g_strdup_printf("there is no call '%s'", name->text.data));
  }
  for (guint i = 0; i < selection->messages->len; i++) {
    const Name *name = &g_array_index(selection->messages, Name, i);
    if (!name->found)
      g_ptr_array_add(lines, g_strdup_printf("there is no message %u", name->number));
  }
}
