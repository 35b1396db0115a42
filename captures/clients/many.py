# SPDX-License-Identifier: MIT
import sys, time, libvirt

libvirt.registerErrorHandler(lambda *a: None, None)
libvirt.virEventRegisterDefaultImpl()
c = libvirt.open(sys.argv[1])

def attempt(function, *args):
    try:
        return function(*args)
    except libvirt.libvirtError:
        return None

def seen(*args):
    pass

ids = [i for n in range(40) if (i := attempt(c.domainEventRegisterAny, None, n, seen, None)) is not None]
d = c.lookupByName("test")
for f in (d.info, d.state, d.vcpus, d.XMLDesc, d.ID, d.UUIDString, d.OSType, d.maxVcpus, d.hasManagedSaveImage,
          d.isActive, d.isPersistent, d.isUpdated, d.jobStats, d.jobInfo, d.schedulerParameters, d.memoryStats,
          d.controlInfo, d.getTime, d.fsInfo, d.securityLabel, d.listAllSnapshots, d.listAllCheckpoints, d.blockJobInfo):
    attempt(f, *([] if f != d.blockJobInfo else ["vda"]))
for f in (c.listAllDomains, c.listAllNetworks, c.listAllStoragePools, c.listAllInterfaces, c.listAllDevices,
          c.listAllSecrets, c.listAllNWFilters, c.listAllNWFilterBindings, c.getAllDomainStats, c.listDomainsID, c.listDefinedDomains,
          c.listNetworks, c.listStoragePools, c.getCPUModelNames, c.getLibVersion, c.getVersion, c.getType, c.getInfo,
          c.isAlive, c.isEncrypted, c.isSecure, c.getFreeMemory, c.getCapabilities, c.getMemoryParameters):
    attempt(f, *(["x86_64"] if f == c.getCPUModelNames else []))
for f in (d.migrateGetCompressionCache, d.migrateGetMaxSpeed, d.migrateGetMaxDowntime):
    attempt(f)
xml = "<domain type='test'><name>py</name><memory>8192</memory><os><type>hvm</type></os>" \
      "<devices><graphics type='vnc' port='5999' passwd='secret word'/></devices></domain>"
p = attempt(c.defineXML, xml)
if p:
    for f in (p.create, p.suspend, p.resume, p.destroy):
        attempt(f)
    attempt(p.XMLDesc, libvirt.VIR_DOMAIN_XML_SECURE)
    attempt(p.setMetadata, libvirt.VIR_DOMAIN_METADATA_TITLE, "title", None, None, 0)
    attempt(p.undefine)
transient = attempt(c.createXML, xml.replace("<name>py", "<name>once"))
if transient:
    attempt(transient.destroy)
for n in range(20):
    libvirt.virEventAddTimeout(10, lambda *a: None, None)
    libvirt.virEventRunDefaultImpl()
s = c.newStream()
if attempt(d.screenshot, s, 0) is not None:
    while attempt(s.recv, 65536):
        pass
    attempt(s.finish)
s = c.newStream()
if attempt(d.screenshot, s, 0) is not None:
    attempt(s.abort)
for i in ids:
    attempt(c.domainEventDeregisterAny, i)
c.close()
