"""Reads Linphone's XML documents, parted by NUL on standard input, with expat; prints for each its entries as JSON:
[section, key, value, overwrite], or what is wrong with it."""
import json
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = '{http://www.linphone.org/xsds/lpconfig.xsd}'


def entries_of(document):
    root = ElementTree.fromstring(document)
    assert root.tag == NAMESPACE + 'config' and not root.attrib, root.tag
    found = []
    for section in root:
        assert section.tag == NAMESPACE + 'section' and list(section.attrib) == ['name'], section.tag
        for entry in section:
            assert entry.tag == NAMESPACE + 'entry' and not len(entry) and set(entry.attrib) <= {'name', 'overwrite'}, entry.tag
            found.append([section.attrib['name'], entry.attrib['name'], entry.text or '', entry.attrib.get('overwrite') == 'true'])
    return found


def read(document):
    try:
        return entries_of(document)
    except (ElementTree.ParseError, AssertionError) as error:
        return f'{type(error).__name__}: {error}'


print(json.dumps([read(document) for document in sys.stdin.buffer.read().split(b'\0')]))
