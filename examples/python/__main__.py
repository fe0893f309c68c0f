"""The endpoints of ../quickstart, declared in Python.

Before the first `pulumi up`:

    npx pulumi-kompliant plugin install
    pulumi package add kompliant
"""

import pulumi
import pulumi_kompliant as kompliant

orders = kompliant.WebhookConfig("orders", url="https://example.com/kompliant/orders")
payments = kompliant.WebhookConfig("payments", url="https://example.com/kompliant/payments")
refunds = kompliant.WebhookConfig("refunds", url="https://example.com/kompliant/refunds")

# The ids that Kompliant has given them; they stay when a URL changes.
pulumi.export("ordersId", orders.id)
pulumi.export("paymentsId", payments.id)
pulumi.export("refundsId", refunds.id)
