ALTER TABLE "outbox" ADD COLUMN "cause" text;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "cause" text;