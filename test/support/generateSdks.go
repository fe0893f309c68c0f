// Generates a provider's SDKs with Pulumi's own generators. `pulumi package gen-sdk` asks the language hosts for them, which
// come with Pulumi's official download only.
//
// Usage: generateSdks SCHEMA FOLDER, which writes FOLDER/nodejs, FOLDER/python and FOLDER/go
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi"

var generators = map[string]func(*schema.Package) (map[string][]byte, error){
	"nodejs": func(pkg *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, pkg, nil, nil, true, nil)
	},
	"python": func(pkg *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, pkg, nil, nil)
	},
	"go": func(pkg *schema.Package) (map[string][]byte, error) {
		return golang.GeneratePackage(tool, pkg, nil)
	},
}

func main() {
	var spec schema.PackageSpec
	text, err := os.ReadFile(os.Args[1])
	check(err)
	check(json.Unmarshal(text, &spec))
	for language, generate := range generators {
		// Refuses what Pulumi's metaschema does, too.
		pkg, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
		check(err)
		check(errors.Join(problems.Errs()...))
		// As `pulumi package add` does.
		pkg.SupportPack = true
		files, err := generate(pkg)
		check(err)
		for name, content := range files {
			file := filepath.Join(os.Args[2], language, name)
			check(os.MkdirAll(filepath.Dir(file), 0o755))
			check(os.WriteFile(file, content, 0o644))
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
