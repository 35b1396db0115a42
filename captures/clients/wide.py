# SPDX-License-Identifier: MIT
# Every method of every class of the binding, with arguments that are made from their names.
import inspect, sys, libvirt

libvirt.registerErrorHandler(lambda *a: None, None)
c = libvirt.open(sys.argv[1])
skip = {"close", "unref", "ref", "c_pointer", "connect", "domain", "virConnGetLastError", "virConnResetLastError",
        "suspendForDuration", "registerCloseCallback", "unregisterCloseCallback", "setKeepAlive", "newStream", "sendAll",
        "recvAll", "sparseSendAll", "sparseRecvAll", "send", "recv", "eventAddCallback", "eventUpdateCallback",
        "eventRemoveCallback", "domainListGetStats", "openChannel", "openConsole", "coreDump", "coreDumpWithFormat"}
xml = {"virDomain": "<domain type='test'><name>wide</name><memory>8192</memory><os><type>hvm</type></os></domain>"}

def attempt(function, *args):
    try:
        return function(*args)
    except Exception:
        return None

def value(name, default):
    if name == "dconn":
        return c
    if name in ("st", "stream"):
        return c.newStream()
    if name in ("xml", "xmlDesc", "hostXML") or name.endswith("xml") or name.endswith("Xml"):
        return xml["virDomain"]
    if name in ("disk", "path", "device"):
        return "vda"
    if name in ("params", "pages", "hosts", "values", "mountpoints", "files", "keys", "disks", "cpumap", "codeset", "keycodes", "uuid"):
        return {"params": {}, "pages": {4: 1}, "values": [], "cpumap": (True, False)}.get(name, [1] if name == "keycodes" else [])
    if default is not inspect.Parameter.empty:
        return default
    if name in ("name", "key", "uri", "duri", "dname", "user", "password", "arch", "emulator", "cmd", "uuidstr", "command",
                "base", "top", "to", "frm", "mac", "macstr", "wwnn", "wwpn", "driverName", "nativeFormat", "nativeConfig",
                "domainXml", "type", "cap", "title", "virt_type", "machine", "volume", "usageID", "srcSpec", "uri_"):
        return "test"
    return 0

def domain():
    d = attempt(c.lookupByName, "test")
    if d and not d.isActive():
        attempt(d.create)
    return d

def pool():
    return attempt(c.storagePoolLookupByName, "default-pool")

makers = [
    lambda: c, domain, lambda: attempt(c.networkLookupByName, "default"), pool,
    lambda: attempt(pool().createXML, "<volume><name>wide</name><capacity>1</capacity></volume>"),
    lambda: attempt(domain().snapshotCreateXML, "<domainsnapshot><name>wide</name></domainsnapshot>"),
    lambda: attempt(domain().checkpointCreateXML, "<domaincheckpoint><name>wide</name></domaincheckpoint>"),
    lambda: attempt(c.interfaceLookupByName, "eth1"), lambda: attempt(c.nodeDeviceLookupByName, "computer")]

last = ("destroy", "undefine", "delete", "shutdown", "reset", "wipe", "reboot", "managedSave", "save", "revert", "rename", "abort")
for make in makers:
    now = attempt(make)
    names = [n for n, _ in inspect.getmembers(now, callable) if not n.startswith("_") and n not in skip] if now else []
    for name in sorted(names, key=lambda n: (n.startswith(last), n)):
        if name.startswith(last):
            now = attempt(make) or now
        method = getattr(now, name)
        try:
            parameters = list(inspect.signature(method).parameters.values())
        except (TypeError, ValueError):
            continue
        if any(p.kind == p.VAR_POSITIONAL for p in parameters) or "Register" in name or "register" in name:
            continue
        attempt(method, *[value(p.name, p.default) for p in parameters])
for function, args in ((c.secretLookupByUUIDString, ["6695eb01-f6a4-8304-79aa-97f2502e193f"]), (c.nwfilterLookupByName, ["x"]),
                       (c.secretLookupByUsage, [1, "x"]), (c.secretDefineXML, ["<secret/>"]), (c.nwfilterDefineXML, ["<filter/>"])):
    attempt(function, *args)
c.close()
