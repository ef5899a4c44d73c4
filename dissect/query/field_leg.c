/* Getters of conversations: call.conversation, call.legs, call.leg, call.service. */
#include "dissect/diagnose/conversations.h"
#include "dissect/query/field_private.h"

bool field_call_conversation(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value,
                            conversations_of(field_conversations(context), context->call->number));
}

bool field_call_legs(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(
    ret_value, conversations_legs(field_conversations(context), context->call->number));
}

void field_call_leg(FieldContext *context, Slice name, FieldList *list)
{
  g_autoptr(GArray) numbers =
    conversations_numbers(field_conversations(context), context->call->number);

  (void) name;
  for (guint i = 0; i < numbers->len; i++) {
    uint32_t number = g_array_index(numbers, uint32_t, i);
    if (number != context->call->number)
      field_list_add(list, (FieldValue){.integer = number});
  }
}

void field_call_service(FieldContext *context, Slice name, FieldList *list)
{
  unsigned services = conversations_services(field_conversations(context), context->call->number);

  (void) name;
  for (LegService i = 0; i < LEG_SERVICE_COUNT; i++)
    if (services >> i & 1)
      field_list_add_text(list, slice_from_string(leg_service_name(i)));
}
