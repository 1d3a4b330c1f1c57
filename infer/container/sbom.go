package container

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// An spdx is a document of SPDX 2.3 (ISO/IEC 5962), as its JSON schema names things.
type spdx struct {
	Version       string             `json:"spdxVersion"`
	DataLicense   string             `json:"dataLicense"`
	ID            string             `json:"SPDXID"`
	Name          string             `json:"name"`
	Namespace     string             `json:"documentNamespace"`
	Creation      spdxCreation       `json:"creationInfo"`
	Packages      []spdxPackage      `json:"packages"`
	Files         []spdxFile         `json:"files"`
	Relationships []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	ID               string         `json:"SPDXID"`
	Name             string         `json:"name"`
	Version          string         `json:"versionInfo,omitempty"`
	Supplier         string         `json:"supplier,omitempty"`
	Download         string         `json:"downloadLocation"`
	FilesAnalyzed    bool           `json:"filesAnalyzed"`
	Verification     *spdxCode      `json:"packageVerificationCode,omitempty"`
	LicenseConcluded string         `json:"licenseConcluded"`
	LicenseDeclared  string         `json:"licenseDeclared"`
	Copyright        string         `json:"copyrightText"`
	Purpose          string         `json:"primaryPackagePurpose,omitempty"`
	Checksums        []spdxChecksum `json:"checksums,omitempty"`
	References       []spdxRef      `json:"externalRefs,omitempty"`
}

// An spdxCode is the SHA-1 of the sorted SHA-1 sums of a package's files, one behind the other (clause 7.9).
type spdxCode struct {
	Value string `json:"packageVerificationCodeValue"`
}

type spdxFile struct {
	ID               string         `json:"SPDXID"`
	Name             string         `json:"fileName"`
	Checksums        []spdxChecksum `json:"checksums"`
	LicenseConcluded string         `json:"licenseConcluded"`
	Copyright        string         `json:"copyrightText"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxRelationship struct {
	Element string `json:"spdxElementId"`
	Kind    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

const (
	noAssertion = "NOASSERTION"
	documentID  = "SPDXRef-DOCUMENT"
	imageID     = "SPDXRef-Image"
)

// newPackage is a package of which no more than the name is known.
func newPackage(id, name, version, purl string) spdxPackage {
	p := spdxPackage{
		ID: "SPDXRef-" + id, Name: name, Version: version, Download: noAssertion,
		LicenseConcluded: noAssertion, LicenseDeclared: noAssertion, Copyright: noAssertion,
	}
	if purl != "" {
		p.References = []spdxRef{{"PACKAGE-MANAGER", "purl", purl}}
	}
	return p
}

// add puts a package into the document, as something that another contains.
func (d *spdx) add(in string, p spdxPackage) {
	d.Packages = append(d.Packages, p)
	d.Relationships = append(d.Relationships, spdxRelationship{in, "CONTAINS", p.ID})
}

// billOfMaterials lists what is in the packed layers: the program with its modules, ONNX Runtime, the model, the distribution's
// packages, and every file with its hashes. It says nothing of this machine, so that the same input gives the same bytes.
func (b *builder) billOfMaterials() ([]byte, error) {
	d := &spdx{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: documentID, Name: "scones-" + string(b.o.Arch),
		Creation:      spdxCreation{b.o.Created.Format(time.RFC3339), []string{"Tool: scones-" + b.version}},
		Relationships: []spdxRelationship{{documentID, "DESCRIBES", imageID}},
	}
	image := newPackage("Image", "scones", b.version, "")
	image.Purpose, image.LicenseDeclared = "CONTAINER", "Apache-2.0"
	d.Packages = append(d.Packages, image)
	b.addProgram(d)
	runtime := newPackage("onnxruntime", "onnxruntime", b.o.RuntimeVersion, "pkg:generic/onnxruntime@"+b.o.RuntimeVersion)
	runtime.Purpose, runtime.LicenseDeclared, runtime.Supplier = "LIBRARY", "MIT", "Organization: Microsoft"
	d.add(imageID, runtime)
	model := newPackage("model", b.o.Model.Name, "", "")
	model.Purpose = "OTHER"
	if b.o.Model.SHA256 != "" {
		model.Checksums = []spdxChecksum{{"SHA256", b.o.Model.SHA256}}
	}
	d.add(imageID, model)
	b.addDistribution(d)
	owners := map[string]string{"runtime": runtime.ID, "program": "SPDXRef-scones", "model": model.ID}
	all, sums := sha256.New(), map[string][]string{}
	for i, c := range b.image.Contents {
		fmt.Fprintf(all, "%s %s\n", c.SHA256, c.Path)
		f := spdxFile{
			ID: fmt.Sprintf("SPDXRef-File-%d", i+1), Name: "." + c.Path, LicenseConcluded: noAssertion, Copyright: noAssertion,
			Checksums: []spdxChecksum{{"SHA1", c.sha1}, {"SHA256", c.SHA256}},
		}
		owner := owners[c.Layer]
		if c.owner != nil {
			owner = debianID(c.owner)
		}
		if owner == "" {
			owner = imageID
		}
		d.Files = append(d.Files, f)
		d.Relationships = append(d.Relationships, spdxRelationship{owner, "CONTAINS", f.ID})
		sums[owner] = append(sums[owner], c.sha1)
	}
	for i := range d.Packages {
		if p := &d.Packages[i]; len(sums[p.ID]) > 0 {
			slices.Sort(sums[p.ID])
			sum := sha1.Sum([]byte(strings.Join(sums[p.ID], "")))
			p.FilesAnalyzed, p.Verification = true, &spdxCode{hex.EncodeToString(sum[:])}
		}
	}
	d.Namespace = "https://spdx.org/spdxdocs/" + d.Name + "-" + hex.EncodeToString(all.Sum(nil))
	return json.MarshalIndent(d, "", " ")
}

// addProgram lists the program and the Go modules in it.
func (b *builder) addProgram(d *spdx) {
	info := b.built
	program := newPackage("scones", info.Main.Path, info.Main.Version, "")
	program.Purpose, program.LicenseDeclared = "APPLICATION", "Apache-2.0"
	d.add(imageID, program)
	version := strings.TrimPrefix(info.GoVersion, "go")
	d.add(program.ID, newPackage("Go-stdlib", "stdlib", version, "pkg:golang/stdlib@"+version))
	for i, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		d.add(program.ID, newPackage(fmt.Sprintf("Go-%d", i+1), module.Path, module.Version, "pkg:golang/"+module.Path+"@"+module.Version))
	}
}

// addDistribution lists the packages that the system's files belong to, or those of the base image, and the base.
func (b *builder) addDistribution(d *spdx) {
	packages := map[string]*debian{}
	in := imageID
	if b.base != nil {
		base := newPackage("Base", b.base.reference, "", "")
		base.Purpose = "CONTAINER"
		d.Packages = append(d.Packages, base)
		d.Relationships = append(d.Relationships, spdxRelationship{imageID, "DESCENDANT_OF", base.ID})
		in = base.ID
		for _, p := range b.base.packages {
			packages[debianID(&p)] = &p
		}
	}
	for _, c := range b.image.Contents {
		if c.owner != nil {
			packages[debianID(c.owner)] = c.owner
		}
	}
	vendor, _, _ := strings.Cut(b.distro, "-")
	for _, id := range slices.Sorted(maps.Keys(packages)) {
		p := packages[id]
		query := "?arch=" + p.Arch
		if b.distro != "" {
			query += "&distro=" + b.distro
		}
		sp := newPackage("", p.Name, p.Version, "pkg:deb/"+vendor+"/"+p.Name+"@"+url.QueryEscape(p.Version)+query)
		sp.ID, sp.Purpose = id, "LIBRARY"
		if p.Maintainer != "" {
			sp.Supplier = "Organization: " + p.Maintainer
		}
		d.add(in, sp)
	}
}

// debianID is a package's identifier in the document, which may hold letters, digits, dots and hyphens.
func debianID(p *debian) string {
	return "SPDXRef-deb-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, strings.ReplaceAll(p.Name, "+", "-plus-"))
}
