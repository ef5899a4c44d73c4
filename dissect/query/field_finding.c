/* Getters of findings: call.why, call.finding, call.severity, finding.*. */
#include "dissect/query/field_private.h"

bool field_call_why(FieldContext *context, FieldValue *ret_value)
{
  const CallFindings *found = field_call_findings(context);
  const Finding *verdict = finding_verdict(found->items, found->count);

  return verdict && field_give_string(ret_value, verdict->text);
}

void field_call_finding(FieldContext *context, Slice name, FieldList *list)
{
  const CallFindings *found = field_call_findings(context);

  (void) name;
  for (size_t i = 0; i < found->count; i++)
    field_list_add_text(list, slice_from_string(FINDINGS[found->items[i].id].name));
}

bool field_call_severity(FieldContext *context, FieldValue *ret_value)
{
  const CallFindings *found = field_call_findings(context);
  FindingSeverity worst = SEVERITY_NOTE;

  for (size_t i = 0; i < found->count; i++)
    worst = MAX(worst, found->items[i].severity);
  return found->count > 0 && field_give_string(ret_value, finding_severity_name(worst));
}

void field_finding_text(FieldContext *context, Slice name, FieldList *list)
{
  const CallFindings *found = field_call_findings(context);

  (void) name;
  for (size_t i = 0; i < found->count; i++)
    field_list_add_text(list, slice_from_string(found->items[i].text));
}

void field_finding_severity(FieldContext *context, Slice name, FieldList *list)
{
  const CallFindings *found = field_call_findings(context);

  (void) name;
  for (size_t i = 0; i < found->count; i++)
    field_list_add_text(list, slice_from_string(finding_severity_name(found->items[i].severity)));
}

void field_finding_section(FieldContext *context, Slice name, FieldList *list)
{
  const CallFindings *found = field_call_findings(context);

  (void) name;
  for (size_t i = 0; i < found->count; i++)
    field_list_add_text(list, slice_from_string(FINDINGS[found->items[i].id].section));
}

void field_finding_where(FieldContext *context, Slice name, FieldList *list)
{
  const CallFindings *found = field_call_findings(context);

  (void) name;
  for (size_t i = 0; i < found->count; i++)
    if (found->items[i].where.family != ADDRESS_NONE)
      field_list_add(list, (FieldValue){.address = found->items[i].where});
}

void field_finding_message(FieldContext *context, Slice name, FieldList *list)
{
  const CallFindings *found = field_call_findings(context);

  (void) name;
  for (size_t i = 0; i < found->count; i++)
    for (size_t k = 0; k < found->items[i].message_count; k++)
      field_list_add(list, (FieldValue){.integer = found->items[i].messages[k]});
}
