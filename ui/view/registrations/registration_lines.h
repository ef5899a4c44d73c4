/* What the list of addresses-of-record and the page of one share. */
#pragma once

#include "dissect/diagnose/registrations.h"
#include "ui/view/host.h"

/* How a state or event is drawn. */
Style registration_event_style(RegistrationEventKind kind);

/* The page of one address-of-record (index): it keeps copies of what it shows. */
View *registration_view_new(Host *host, const Registrations *registrations, uint32_t aor);
