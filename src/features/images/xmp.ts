// https://cv.iptc.org/newscodes/digitalsourcetype
const madeByModel = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/**
 * The XMP packet (ISO 16684-1) that each picture bears: made by a model (IPTC Photo Metadata, Digital Source Type), and
 * by the sandbox where it is so. It says nothing of prompt or person.
 */
export function xmpPacket({ sandbox }: { sandbox: boolean }): string {
  const tool = sandbox ? ' xmp:CreatorTool="Likeness sandbox"' : '';
  return (
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"' +
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"' +
    `${tool} Iptc4xmpExt:DigitalSourceType="${madeByModel}"/>` +
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
  );
}
