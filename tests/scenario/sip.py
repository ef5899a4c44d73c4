"""SIP messages of a scenario, as RFC 3261 requires: transactions and dialogs are kept for
each user agent and proxy, so that Via, branch, tags, CSeq and Route are right."""
import copy
import hashlib
import re

REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued",
    183: "Session Progress", 200: "OK", 202: "Accepted", 300: "Multiple Choices",
    301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 407:
    "Proxy Authentication Required", 408: "Request Timeout", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    489: "Bad Event", 491: "Request Pending", 500: "Server Internal Error",
    503: "Service Unavailable", 600: "Busy Everywhere", 603: "Decline",
}
DIALOG_METHODS = ("INVITE", "SUBSCRIBE", "REFER")
CONTACT_METHODS = DIALOG_METHODS + ("NOTIFY", "UPDATE", "REGISTER")
# Sent within a dialog that may still be early; all others need a confirmed one.
EARLY_METHODS = ("PRACK", "UPDATE", "BYE", "NOTIFY")
COMPACT = {"Call-ID": "i", "Contact": "m", "Content-Length": "l", "Content-Type": "c", "From": "f",
           "Subject": "s", "Supported": "k", "To": "t", "Via": "v", "Event": "o", "Refer-To": "r"}


def digest(*parts):
    return hashlib.sha1("/".join(str(p) for p in parts).encode()).hexdigest()


class Endpoint:
    """A host of the scenario; with `user` it is a user agent, without it a proxy or server."""

    def __init__(self, name, address, port, options):
        self.name, self.address, self.port = name, address, port
        self.user = options.get("user")
        self.display = options.get("name")
        self.host = options.get("host", self.literal())
        self.domain = options.get("domain", self.host)
        self.agent = options.get("agent")
        self.branch = options.get("branch")
        self.media_port = int(options.get("media", 20000))
        self.setup = options.get("setup")
        self.record_route = "rr" in options

    def literal(self):
        return "[%s]" % self.address if self.address.version == 6 else str(self.address)

    def sent_by(self):
        return self.host + ("" if self.port == 5060 else ":%d" % self.port)

    def aor(self):
        return "sip:%s@%s" % (self.user, self.domain)

    def contact(self, transport):
        uri = "sip:%s@%s:%d" % (self.user or self.name, self.literal(), self.port)
        return uri + ("" if transport == "UDP" else ";transport=" + transport.lower())


class Message:
    def __init__(self, start, status=None):
        self.start, self.status = start, status
        self.headers, self.body = [], b""

    def add(self, name, value):
        self.headers.append([name, value])

    def get(self, name):
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def set(self, name, value):
        """Replaces the first one of that name, or adds it at the end."""
        for header in self.headers:
            if header[0].lower() == name.lower():
                header[1] = value
                return
        self.add(name, value)

    def remove(self, name):
        self.headers = [h for h in self.headers if h[0].lower() != name.lower()]

    def remove_first(self, name):
        at = next(i for i, h in enumerate(self.headers) if h[0].lower() == name.lower())
        del self.headers[at]

    def method(self):
        return self.get("CSeq").split()[1] if self.status else self.start.split()[0]

    def encode(self, eol="\r\n", compact=False):
        names = COMPACT if compact else {}
        lines = [self.start] + [names.get(n, n) + ": " + v for n, v in self.headers]
        return (eol.join(lines) + eol + eol).encode("utf-8", "surrogateescape") + self.body


def tag_of(value):
    found = re.search(r";\s*tag=([^;,\s>]+)", value or "")
    return found.group(1) if found else None


def uri_of(value):
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def branch_of(value):
    found = re.search(r"branch=([^;,\s]+)", value)
    return found.group(1) if found else None


class Dialog:
    def __init__(self, local, remote, target, routes):
        self.local, self.remote, self.target, self.routes = local, remote, target, routes
        self.confirmed = False
        self.invite_cseq = None


class Transaction:
    """One request from one host to the next."""

    def __init__(self, src, dst, request):
        self.src, self.dst, self.request = src, dst, request
        self.final = None     # its status and its To, once it has one
        self.final_to = None
        self.received = []  # responses at `src` that it has not forwarded


class Call:
    """Everything of one Call-ID."""

    def __init__(self, seed, name, caller, callee, options):
        self.seed, self.name, self.caller, self.callee = seed, name, caller, callee
        self.options = options
        self.call_id = options.get("id", digest(seed, name, "call-id")[:16] + "@" + caller.host)
        self.from_uri = options.get("from-uri", caller.aor())
        self.to_uri = options.get("to-uri", callee.aor() if callee.user else "sip:" + callee.domain)
        self.request_uri = options.get("uri", self.to_uri)
        self.transactions = []
        self.dialogs = {}   # name of user agent -> its dialogs, newest last
        self.cseqs = {}     # name of user agent -> last CSeq it used
        self.branches = 0
        self.versions = {}  # name of user agent -> times it sent SDP

    def hash(self, *parts):
        return digest(self.seed, self.name, *parts)

    def tag(self, endpoint):
        return self.hash("tag", endpoint.name)[:8]

    def via(self, endpoint, transport, options):
        self.branches += 1
        branch = options.get("branch") or endpoint.branch
        branch = branch or "z9hG4bK" + self.hash("branch", self.branches)[:10]
        text = "SIP/2.0/%s %s" % (transport, endpoint.sent_by())
        return text if branch == "none" else text + ";branch=" + branch

    def next_cseq(self, endpoint, options):
        first = int(self.options.get("cseq", 1)) - 1
        self.cseqs[endpoint.name] = self.cseqs.get(endpoint.name, first) + 1
        return int(options.get("cseq", self.cseqs[endpoint.name]))

    def last_transaction(self, src, dst, wanted):
        for transaction in reversed(self.transactions):
            if (transaction.src, transaction.dst) == (src, dst) and wanted(transaction):
                return transaction
        return None


def name_addr(display, uri, tag=None):
    text = ('"%s" ' % display if display else "") + "<%s>" % uri
    return text + (";tag=" + tag if tag else "")


def request(call, hop, method, options):
    """The request `method` from hop.src to hop.dst: created there, or forwarded."""
    if method in ("CANCEL", "ACK"):
        invite = call.last_transaction(hop.src, hop.dst, lambda t: t.request.method() == "INVITE")
        if method == "CANCEL" or invite and (invite.final or 0) >= 300:
            return hop_by_hop(invite, method)
    if hop.src.user:
        return originate(call, hop, method, options)
    return forward_request(call, hop, method, options)


def hop_by_hop(invite, method):
    """CANCEL (RFC 3261 9.1) and the ACK of a failure (17.1.1.3) go on one hop, with its branch."""
    source = invite.request
    message = Message(method + source.start[source.start.index(" "):])
    message.add("Via", source.get("Via"))
    message.add("Max-Forwards", "70")
    for route in source.all("Route"):
        message.add("Route", route)
    message.add("From", source.get("From"))
    message.add("To", invite.final_to if method == "ACK" else source.get("To"))
    message.add("Call-ID", source.get("Call-ID"))
    message.add("CSeq", source.get("CSeq").split()[0] + " " + method)
    return message


def pick_dialog(call, src, method, options):
    if "new" in options:
        return None
    known = [d for d in call.dialogs.get(src.name, []) if d.confirmed or method in EARLY_METHODS]
    return known[-1] if known else None


def originate(call, hop, method, options):
    src, transport = hop.src, hop.via_transport
    dialog = pick_dialog(call, src, method, options)
    message = Message("%s %s SIP/2.0" % (method, dialog.target if dialog else call.request_uri))
    message.add("Via", call.via(src, transport, options))
    message.add("Max-Forwards", "70")
    for route in dialog.routes if dialog else []:
        message.add("Route", route)
    if dialog:
        message.add("From", dialog.local)
        message.add("To", dialog.remote)
    else:
        message.add("From", name_addr(src.display, call.from_uri, call.tag(src)))
        message.add("To", name_addr(call.callee.display, call.to_uri))
    message.add("Call-ID", call.call_id)
    if method == "ACK":
        number = dialog.invite_cseq if dialog and dialog.invite_cseq else call.cseqs[src.name]
    else:
        number = call.next_cseq(src, options)
    if dialog and method == "INVITE":
        dialog.invite_cseq = number
    message.add("CSeq", "%d %s" % (number, method))
    if method in CONTACT_METHODS:
        message.add("Contact", "<%s>" % src.contact(transport))
    if src.agent:
        message.add("User-Agent", src.agent)
    return message


def forward_request(call, hop, method, options):
    """RFC 3261 16.6: a Via on top, Max-Forwards less one, own Route removed."""
    source = next(t.request for t in reversed(call.transactions)
                  if t.dst == hop.src and t.request.method() == method)
    message = copy.deepcopy(source)
    message.headers.insert(0, ["Via", call.via(hop.src, hop.via_transport, options)])
    message.set("Max-Forwards", str(int(message.get("Max-Forwards") or 71) - 1))
    own = "sip:" + hop.src.sent_by()
    if message.get("Route") and uri_of(message.get("Route")).startswith(own):
        message.remove_first("Route")
    initial = tag_of(message.get("To")) is None
    if initial and hop.src.record_route and method in DIALOG_METHODS:
        at = next(i for i, h in enumerate(message.headers) if h[0] == "Max-Forwards")
        message.headers.insert(at + 1, ["Record-Route", "<%s;lr>" % own])
    if initial and hop.dst.user:
        message.start = "%s %s SIP/2.0" % (method, hop.dst.contact(hop.via_transport))
    return message


def response(call, hop, status, method, options):
    """The response `status` from hop.src: forwarded when it got one like it, else created there."""
    transaction = call.last_transaction(
        hop.dst, hop.src,
        lambda t: t.request.method() != "ACK" and
        (t.request.method() == method if method else t.final is None))
    if transaction is None:
        raise ValueError("no request to answer with %d from %s to %s" % (
            status, hop.src.name, hop.dst.name))
    message = forward_response(call, hop, transaction, status)
    return transaction, message or answer(call, hop, transaction.request, status, options)


def forward_response(call, hop, transaction, status):
    """RFC 3261 16.7: as it came, without the topmost Via."""
    below = branch_of(transaction.request.get("Via"))
    for other in reversed(call.transactions):
        if other.src != hop.src or len(other.request.all("Via")) < 2:
            continue
        if branch_of(other.request.all("Via")[1]) != below:
            continue
        for message in other.received:
            if message.status == status and message.method() == transaction.request.method():
                other.received.remove(message)
                forwarded = copy.deepcopy(message)
                forwarded.remove_first("Via")
                return forwarded
    return None


def answer(call, hop, source, status, options):
    method = source.method()
    reason = options.get("reason", REASONS.get(status, "Unknown"))
    message = Message("SIP/2.0 %d %s" % (status, reason), status)
    for via in source.all("Via"):
        message.add("Via", via)
    creates = method in DIALOG_METHODS and 100 < status < 300
    if creates:
        for route in source.all("Record-Route"):
            message.add("Record-Route", route)
    message.add("From", source.get("From"))
    to = source.get("To")
    if tag_of(to) is None and status > 100:
        to += ";tag=" + call.tag(hop.src)
    message.add("To", to)
    message.add("Call-ID", source.get("Call-ID"))
    message.add("CSeq", source.get("CSeq"))
    if hop.src.user and method in CONTACT_METHODS and method != "REGISTER" and 100 < status < 300:
        message.add("Contact", "<%s>" % hop.src.contact(hop.via_transport))
    if hop.src.agent:
        message.add("Server", hop.src.agent)
    return message


def note_request(call, hop, message):
    """`message` was sent as a request: files its transaction."""
    call.transactions.append(Transaction(hop.src, hop.dst, message))


def note_response(call, hop, transaction, message):
    """`message` was sent for `transaction`: its state, and the dialogs of both ends."""
    if message.status >= 200:
        transaction.final = message.status
        transaction.final_to = message.get("To")
    transaction.received.append(message)
    method = message.method()
    if method not in DIALOG_METHODS or not 100 < message.status < 300:
        return
    request_message = transaction.request
    routes = message.all("Record-Route")
    if hop.src.user:
        note_dialog(call, hop.src, Dialog(message.get("To"), message.get("From"),
                                          uri_of(request_message.get("Contact")), routes), message)
    if hop.dst.user:
        note_dialog(call, hop.dst, Dialog(message.get("From"), message.get("To"),
                                          uri_of(message.get("Contact") or call.to_uri),
                                          routes[::-1]), message)


def note_dialog(call, endpoint, fresh, message):
    """RFC 3261 12.1; the route set of a dialog never changes (12.2)."""
    dialogs = call.dialogs.setdefault(endpoint.name, [])
    tags = (tag_of(fresh.local), tag_of(fresh.remote))
    dialog = next((d for d in dialogs if (tag_of(d.local), tag_of(d.remote)) == tags), None)
    if dialog is None:
        dialogs.append(fresh)
        dialog = fresh
    dialog.target = fresh.target
    if message.status >= 200 and not dialog.confirmed:
        dialog.confirmed = True
        dialogs.remove(dialog)
        dialogs.append(dialog)
    if message.method() == "INVITE" and tag_of(dialog.local) == tag_of(message.get("From")):
        dialog.invite_cseq = int(message.get("CSeq").split()[0])


def sdp(call, endpoint, direction):
    version = call.versions.get(endpoint.name, 0)
    call.versions[endpoint.name] = version + 1
    family = "IP%d" % endpoint.address.version
    session = int(call.hash("sdp", endpoint.name)[:7], 16)
    lines = [
        "v=0",
        "o=%s %d %d IN %s %s" % (endpoint.user or "-", session, session + version, family,
                                 endpoint.address),
        "s=-",
        "c=IN %s %s" % (family, endpoint.address),
        "t=0 0",
        "m=audio %d %sRTP/AVP 0 8 101" % (9 if endpoint.setup == "active" else endpoint.media_port,
                                          "TCP/" if endpoint.setup else ""),
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=" + direction,
    ]
    if endpoint.setup:  # RFC 4145
        lines += ["a=setup:" + endpoint.setup, "a=connection:new"]
    return "".join(line + "\r\n" for line in lines).encode()
