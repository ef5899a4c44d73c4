#include "ui/report/select.h"

Selection selection_new(const Options *options)
{
  Selection selection = {
    .calls = g_array_new(FALSE, FALSE, sizeof(Choice)),
    .messages = g_array_new(FALSE, FALSE, sizeof(Choice)),
  };

  for (size_t i = 0; options->calls->pdata[i]; i++) {
    Choice choice = {.call = slice_from_string(options->calls->pdata[i])};

    if (!slice_to_u32(choice.call, &choice.number))
      choice.number = 0;
    g_array_append_val(selection.calls, choice);
  }
  for (size_t i = 0; i < options->messages->len; i++) {
    Choice choice = {.number = g_array_index(options->messages, uint32_t, i)};

    g_array_append_val(selection.messages, choice);
  }
  return selection;
}

void selection_clear(Selection *selection)
{
  g_clear_pointer(&selection->calls, g_array_unref);
  g_clear_pointer(&selection->messages, g_array_unref);
}

bool selection_has_call(Selection *selection, const Call *call)
{
  bool has = selection->calls->len == 0;

  for (size_t i = 0; i < selection->calls->len; i++) {
    Choice *choice = &g_array_index(selection->calls, Choice, i);

    if (choice->number == call->number ||
        (call->call_id.data && slice_eq(choice->call, call->call_id)))
      has = choice->found = true;
  }
  return has;
}

bool selection_has_message(Selection *selection, const Message *message)
{
  bool has = selection->messages->len == 0;

  for (size_t i = 0; i < selection->messages->len; i++) {
    Choice *choice = &g_array_index(selection->messages, Choice, i);

    if (choice->number == message->number)
      has = choice->found = true;
  }
  return has && selection_has_call(selection, message->transaction->call);
}

void selection_append_missing(const Selection *selection, GPtrArray *lines)
{
  for (size_t i = 0; i < selection->calls->len; i++) {
    const Choice *choice = &g_array_index(selection->calls, Choice, i);

    if (!choice->found)
      g_ptr_array_add(lines, g_strdup_printf("there is no call '%s'", choice->call.data));
  }
  for (size_t i = 0; i < selection->messages->len; i++) {
    const Choice *choice = &g_array_index(selection->messages, Choice, i);

    if (!choice->found)
      g_ptr_array_add(lines, g_strdup_printf("there is no message %u", choice->number));
  }
}
