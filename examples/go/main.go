// The endpoints of ../quickstart, declared in Go.
//
// Before the first `pulumi up`:
//
//	npx pulumi-kompliant plugin install
//	pulumi package add kompliant
//	go mod tidy
package main

import (
	"github.com/kompliant/pulumi-kompliant/sdk/go/kompliant"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		for _, name := range []string{"orders", "payments", "refunds"} {
			endpoint, err := kompliant.NewWebhookConfig(ctx, name, &kompliant.WebhookConfigArgs{
				Url: pulumi.String("https://example.com/kompliant/" + name),
			})
			if err != nil {
				return err
			}
			// The id that Kompliant has given it; it stays when the URL changes.
			ctx.Export(name+"Id", endpoint.ID())
		}
		return nil
	})
}
